def one():
    return 1


def two():
    return 2


FIRST = 0
steps = (one, two)


def run():
    return steps[FIRST]()


def last():
    return steps[-1]()


run()
last()
