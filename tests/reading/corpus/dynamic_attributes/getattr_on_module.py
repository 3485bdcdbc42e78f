import sys


def alpha():
    return 1


def beta():
    return 2


def run(name):
    return getattr(sys.modules[__name__], name)()


run("alpha")
run("beta")
