def outermost(callback):
    return middle(callback)


def middle(callback):
    return innermost(again=callback)


def innermost(again):
    return again()


def done():
    return "done"


outermost(done)
