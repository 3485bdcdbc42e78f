class Lazy:
    def __init__(self, factory):
        self.factory = factory
        self.made = None

    def __getattr__(self, name):
        if self.made is None:
            self.made = self.factory()
        return getattr(self.made, name)


class Engine:
    def __init__(self):
        self.on = False

    def start(self):
        self.on = True


ENGINE = Lazy(Engine)


def drive():
    ENGINE.start()


drive()
