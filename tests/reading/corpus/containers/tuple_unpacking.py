def one():
    return 1


def two():
    return 2


def pair():
    return one, two


first, second = pair()
first()
second()


def swap():
    a, b = one, two
    a, b = b, a
    return b()


swap()
