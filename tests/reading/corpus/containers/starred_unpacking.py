def one():
    return 1


def two():
    return 2


def three():
    return 3


def split():
    head, *rest = [one, two, three]
    head()
    return rest


split()[1]()
