class Stop(Exception):
    pass


def opened():
    return 1


def handled():
    return 2


def closed():
    return 3


def work():
    try:
        while True:
            try:
                yield opened()
            except Stop:
                yield handled()
    finally:
        closed()


def run():
    running = work()
    next(running)
    running.throw(Stop())
    running.close()


run()
