def fail():
    raise KeyError("no")


def handle(error):
    return error


def attempt(more):
    kinds = KeyError
    for kind in more:
        kinds = (kinds, kind)
    try:
        fail()
    except kinds as error:
        handle(error)


attempt([])
