import functools


def guarded(function):
    @functools.wraps(function)
    def wrapper():
        return function()

    return wrapper


@guarded
def work():
    return 1


work.__wrapped__()
work()
