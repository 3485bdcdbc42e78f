class Stop(Exception):
    def __init__(self):
        super().__init__("stop")


def raise_class():
    raise Stop


def run():
    try:
        raise_class()
    except Stop:
        return None


run()
