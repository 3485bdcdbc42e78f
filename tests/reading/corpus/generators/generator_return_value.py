def task():
    yield 1
    return finish


def finish():
    return 2


def run():
    result = yield from task()
    result()


def drive():
    for _ in run():
        pass


drive()
