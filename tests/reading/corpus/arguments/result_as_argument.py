def make():
    return product


def product():
    return 1


def use(function):
    return function()


use(make())
use(function=make())
