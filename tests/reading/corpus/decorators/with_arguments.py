def retry(times):
    def decorate(function):
        def wrapper():
            return function()

        return wrapper

    return decorate


@retry(3)
def work():
    return 1


@retry(times=2)
def rest():
    return 2


work()
rest()
