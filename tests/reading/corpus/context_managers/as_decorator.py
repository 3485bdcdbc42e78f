import contextlib


@contextlib.contextmanager
def timed():
    begin()
    yield
    end()


def begin():
    return 1


def end():
    return 2


@timed()
def work():
    return helper()


def helper():
    return 3


work()
