def call_all(**callbacks):
    for callback in callbacks.values():
        callback()


def call_named(**callbacks):
    return callbacks["chosen"]()


def one():
    pass


def two():
    pass


call_all(first=one, second=two)
call_named(chosen=two, unused=1)
