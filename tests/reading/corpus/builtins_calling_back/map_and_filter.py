def double(value):
    return value * 2


def positive(value):
    return value > 0


def eager():
    return list(map(double, [1, 2]))


def lazy():
    for value in filter(positive, [1, -1]):
        print(value)


eager()
lazy()
