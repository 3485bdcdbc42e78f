def call_all(*callbacks):
    for callback in callbacks:
        callback()


def call_first(*callbacks):
    return callbacks[0]()


def one():
    pass


def two():
    pass


call_all(one, two)
call_first(one)
