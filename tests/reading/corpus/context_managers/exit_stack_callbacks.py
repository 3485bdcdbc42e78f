import contextlib


class Lock:
    def __enter__(self):
        return self

    def __exit__(self, *details):
        return release()


def release():
    return False


def forget(name):
    return name


def report(kind, value, trace):
    return False


def work():
    return 1


with contextlib.ExitStack() as stack:
    stack.enter_context(Lock())
    stack.callback(forget, "name")
    stack.push(report)
    work()
