import contextlib


class Tracked(contextlib.ContextDecorator):
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False


@Tracked()
def work():
    return 1


work()
