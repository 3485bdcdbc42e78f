def make():
    return 1


def inner():
    yield 1
    return make


def outer():
    function = yield from inner()
    function()
    yield 2


def consume():
    for _ in outer():
        pass


consume()
