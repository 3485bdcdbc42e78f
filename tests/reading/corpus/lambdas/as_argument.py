def apply(function, value):
    return function(value)


def target(value):
    return value


def run():
    return apply(lambda value: target(value), 1)


run()
