def one():
    return 1


def two():
    return 2


table = {"one": one, "two": two}


def run():
    return table["one"]()


def run_get():
    return table.get("two")()


run()
run_get()
