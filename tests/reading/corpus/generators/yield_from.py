def outer():
    yield from inner()
    yield last()


def inner():
    yield leaf()


def leaf():
    return 1


def last():
    return 2


def run():
    return list(outer())


run()
