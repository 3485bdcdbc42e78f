class Problem(Exception):
    def explain(self):
        return 1


def problem():
    return Problem()


def run():
    try:
        raise problem() from cause()
    except Problem as error:
        error.explain()
        return error.__cause__


def cause():
    return ValueError()


run()
