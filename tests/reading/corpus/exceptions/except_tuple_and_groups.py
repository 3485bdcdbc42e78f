class First(Exception):
    def tell(self):
        return 1


class Second(Exception):
    def tell(self):
        return 2


def fail(kind):
    raise kind()


def run(kind):
    try:
        fail(kind)
    except (First, Second) as error:
        return error.tell()


def grouped():
    try:
        raise ExceptionGroup("both", [First(), Second()])
    except* First as group:
        handle(group)
    except* Second:
        other()


def handle(group):
    return group


def other():
    return 1


run(First)
run(Second)
grouped()
