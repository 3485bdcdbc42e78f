from settings import CONF


def run():
    return CONF.read()


run()
