def apply(function, value):
    return function(value)


def double(value):
    return value * 2


def square(value):
    return value * value


def table():
    return [apply(double, 2), apply(square, 3)]


table()
