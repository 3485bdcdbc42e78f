class Local:
    def open(self):
        return 1


class Remote:
    def open(self):
        return 2


class Factory:
    def __init__(self):
        self._kinds = {}

    def register(self, name, kind):
        self._kinds[name] = kind

    def create(self, name):
        return self._kinds[name]()


factory = Factory()
factory.register("local", Local)
factory.register("remote", Remote)


def run(name):
    return factory.create(name).open()


run("local")
run("remote")
