import contextlib


@contextlib.contextmanager
def opened():
    resource = acquire()
    try:
        yield resource
    finally:
        release()


class Resource:
    def use(self):
        return 1


def acquire():
    return Resource()


def release():
    return 2


def run():
    with opened() as resource:
        resource.use()


run()
