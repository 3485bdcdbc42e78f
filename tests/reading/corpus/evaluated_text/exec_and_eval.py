def target():
    return 1


def other():
    return 2


def run():
    exec("target()")
    return eval("other()")


run()
