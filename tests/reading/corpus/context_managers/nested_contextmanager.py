import contextlib


@contextlib.contextmanager
def outer():
    with inner() as value:
        yield value


@contextlib.contextmanager
def inner():
    yield make()


def make():
    return 1


def use():
    with outer() as value:
        return value


use()
