import functools


def act(a, b, c):
    return c()


def final():
    return 1


first = functools.partial(act, 1)
second = functools.partial(first, 2)
second(final)
