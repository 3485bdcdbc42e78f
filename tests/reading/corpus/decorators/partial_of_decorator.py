import functools


def wrap_errors(notifier, function=None):
    def decorate(function):
        @functools.wraps(function)
        def wrapped(*args):
            notifier()
            return function(*args)

        return wrapped

    return decorate


def notify():
    return 1


wrap = functools.partial(wrap_errors, notify)


@wrap()
def work():
    return 1


work()
