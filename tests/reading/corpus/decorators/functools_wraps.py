import functools


def checked(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        check()
        return function(*args, **kwargs)

    return wrapper


def check():
    return True


class Service:
    @checked
    def run(self):
        return self.step()

    @checked
    def step(self):
        return 1


Service().run()
