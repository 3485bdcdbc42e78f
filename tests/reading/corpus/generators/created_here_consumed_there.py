def produce():
    yield value()


def value():
    return 1


def make():
    return produce()


def consume(items):
    return [item for item in items]


consume(make())
