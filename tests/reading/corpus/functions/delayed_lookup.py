def first():
    return second()


def second():
    return third()


def third():
    return 1


def call_all(names):
    return [globals()[name]() for name in names]


first()
call_all(["second", "third"])
