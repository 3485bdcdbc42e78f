def keep(value):
    return value > 0


def expand(value):
    return [value]


def change(value):
    return value


def run():
    return [change(inner) for value in [1, 2] if keep(value) for inner in expand(value)]


run()
