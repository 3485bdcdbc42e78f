import functools


def add(a, b):
    return check(a) + b


def check(value):
    return value


add_one = functools.partial(add, 1)
add_one(2)
