def call(first, /, second, *, third):
    return first() + second() + third()


def a():
    return 1


def b():
    return 2


def c():
    return 3


call(a, b, third=c)
call(c, second=a, third=b)
