class Retry(Exception):
    def __init__(self, again):
        self.again = again


def attempt():
    return 1


def fail():
    raise Retry(attempt)


def run():
    try:
        fail()
    except Retry as retry:
        return retry.again()


run()
