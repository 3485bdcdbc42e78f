import functools


@functools.singledispatch
def show(value):
    return "other"


@show.register
def show_int(value: int):
    return "int"


@show.register(str)
def show_str(value):
    return "str"


show(1)
show("a")
show(1.5)
