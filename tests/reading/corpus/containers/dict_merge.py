def one():
    return 1


def two():
    return 2


base = {"one": one}
more = {**base, "two": two}
both = base | {"two": two}


def run():
    more["one"]()
    return both["two"]()


run()
