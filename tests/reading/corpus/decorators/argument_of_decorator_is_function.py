def validated(check):
    def decorate(function):
        def wrapper(value):
            check(value)
            return function(value)

        return wrapper

    return decorate


def positive(value):
    return value > 0


@validated(positive)
def store(value):
    return value


store(1)
