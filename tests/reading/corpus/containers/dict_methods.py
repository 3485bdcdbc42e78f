def one():
    return 1


def two():
    return 2


def three():
    return 3


def build():
    table = {}
    table["one"] = one
    table.update(two=two)
    table.setdefault("three", three)
    return table


def run():
    for name, function in build().items():
        function()
    return build().pop("three")()


run()
