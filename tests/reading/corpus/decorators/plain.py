def traced(function):
    def wrapper(*args):
        return function(*args)

    return wrapper


@traced
def work(value):
    return value


work(1)
