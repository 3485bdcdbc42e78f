class AppError(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code

    def explain(self):
        return self.label()

    def label(self):
        return "app"


class NotFound(AppError):
    def label(self):
        return "missing"


def fail():
    raise NotFound(404)


def run():
    try:
        fail()
    except AppError as error:
        return error.explain()


run()
