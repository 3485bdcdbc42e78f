import right


def start():
    return right.middle()


def finish():
    return 1
