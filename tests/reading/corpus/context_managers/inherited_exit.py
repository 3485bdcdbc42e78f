class Nothing:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is not None:
            self.abort()

    def abort(self):
        return 0


class Claim(Nothing):
    def abort(self):
        return 1


def fail():
    raise ValueError


def run():
    try:
        with Claim():
            fail()
    except ValueError:
        return None


run()
