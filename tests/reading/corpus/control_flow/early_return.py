def default():
    return 1


def special():
    return 2


def choose(name):
    if name == "none":
        return default
    result = special
    return result


choose("none")()


def run():
    return choose("some")()


run()
