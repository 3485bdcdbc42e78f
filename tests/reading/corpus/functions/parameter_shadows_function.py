def helper():
    return "module"


def use(helper):
    return helper()


def other():
    return "argument"


def local():
    helper = other
    return helper()


use(other)
local()
helper()
