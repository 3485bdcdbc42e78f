import functools


def cached(function=None, *, size=1):
    if function is None:
        return functools.partial(cached, size=size)

    def wrapper():
        return function()

    return wrapper


@cached
def plain():
    return 1


@cached(size=2)
def sized():
    return 2


plain()
sized()
