def echo():
    received = yield first()
    while received:
        received = yield handle(received)


def first():
    return 0


def handle(value):
    return value


def drive():
    source = echo()
    next(source)
    source.send(1)
    return source


drive()
