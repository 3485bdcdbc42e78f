def retry(operation, on_error, attempts=2):
    for _ in range(attempts):
        try:
            return operation()
        except ValueError as error:
            on_error(error)
    return None


class Flaky:
    def __init__(self):
        self.failures = 1

    def call(self):
        if self.failures:
            self.failures -= 1
            raise ValueError
        return self.answer()

    def answer(self):
        return 1


def note(error):
    return error


retry(Flaky().call, note)
