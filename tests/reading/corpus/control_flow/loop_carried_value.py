def first():
    return second


def second():
    return third


def third():
    return None


def run():
    step = first
    while step is not None:
        step = step()


run()
