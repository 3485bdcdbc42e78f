def call(first, second, *, third):
    first()
    second()
    third()


def a():
    pass


def b():
    pass


def c():
    pass


call(a, second=b, third=c)
