def valid(value):
    return True


def message():
    return "bad"


def ready():
    return True


def done():
    return False


def run(value):
    assert valid(value)
    while ready() and not done():
        break
    return 0 if done() else 1


def fails():
    try:
        assert done(), message()
    except AssertionError:
        return None


run(1)
fails()
