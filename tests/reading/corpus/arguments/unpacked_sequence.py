def call(first, second):
    first()
    second()


def a():
    pass


def b():
    pass


pair = (a, b)
call(*pair)
call(*[b, a])
