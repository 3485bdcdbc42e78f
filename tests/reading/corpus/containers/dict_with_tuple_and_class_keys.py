class A:
    pass


class B:
    pass


def for_a():
    return 1


def for_b():
    return 2


HANDLERS = {A: for_a, B: for_b}
PAIRS = {("a", 1): for_a, ("b", 2): for_b}


def handle(item):
    return HANDLERS[type(item)]()


def exact():
    return PAIRS["b", 2]()


handle(A())
handle(B())
exact()
