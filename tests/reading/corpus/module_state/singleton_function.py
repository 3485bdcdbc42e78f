_instance = None


class Service:
    def __init__(self):
        self.ready = True

    def call(self):
        return 1


def get():
    global _instance
    if _instance is None:
        _instance = Service()
    return _instance


def run():
    return get().call()


run()
