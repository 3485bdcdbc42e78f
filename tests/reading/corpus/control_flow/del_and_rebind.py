def one():
    return 1


def two():
    return 2


def run():
    action = one
    action()
    del action
    action = two
    return action()


run()
