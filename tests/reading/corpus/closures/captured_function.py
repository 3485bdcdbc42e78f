def outer(function):
    def inner():
        return function()

    return inner


def first():
    return 1


def second():
    return 2


outer(first)()
outer(second)()
