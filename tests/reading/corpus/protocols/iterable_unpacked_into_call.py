class Pair:
    def __iter__(self):
        return iter((first, second))


def first():
    return 1


def second():
    return 2


def both(a, b):
    return a() + b()


def run():
    return both(*Pair())


run()
