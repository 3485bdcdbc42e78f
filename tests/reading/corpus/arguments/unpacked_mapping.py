def call(first, second):
    first()
    return second()


def a():
    pass


def b():
    pass


options = {"first": a, "second": b}
call(**options)
call(**{"first": b}, second=a)
