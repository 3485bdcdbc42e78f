class Guard:
    def __init__(self, handler):
        self.handler = handler

    def __enter__(self):
        return self.entered()

    def entered(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            self.handler(value)
        return True


def on_error(error):
    return error


def fail():
    raise ValueError("no")


def after():
    return 1


with Guard(on_error) as guard:
    fail()
after()
