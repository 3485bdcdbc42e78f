class Failure(Exception):
    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason

    def __str__(self):
        return self.text()

    def text(self):
        return self.reason


def run():
    try:
        raise Failure("x")
    except Failure as failure:
        return str(failure)


run()
