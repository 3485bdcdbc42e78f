class Plugin:
    def load(self):
        return 0


class Fast(Plugin):
    def load(self):
        return 1


class Slow(Plugin):
    def load(self):
        return 2


def load_all(plugins):
    for plugin in plugins:
        plugin.load()


load_all([Fast(), Slow(), Plugin()])
