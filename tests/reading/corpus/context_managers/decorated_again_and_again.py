import contextlib


class Guard(contextlib.ContextDecorator):
    def __enter__(self):
        return self

    def __exit__(self, *details):
        return False


def work():
    return 1


def run(times):
    function = work
    for _ in range(times):
        function = Guard()(function)
    return function()


run(2)
