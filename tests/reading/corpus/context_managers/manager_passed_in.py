import contextlib


@contextlib.contextmanager
def quiet():
    yield prepare()


def prepare():
    return 1


def run(manager):
    with manager:
        return work()


def work():
    return 1


run(quiet())
