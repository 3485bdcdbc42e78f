class Plugin:
    known = {}

    def __init_subclass__(cls, name=None, **keywords):
        super().__init_subclass__(**keywords)
        Plugin.known[name] = cls

    def run(self):
        return self.work()


class Reader(Plugin, name="reader"):
    def work(self):
        return read()


class Writer(Plugin, name="writer"):
    def work(self):
        return write()


def read():
    return 1


def write():
    return 2


Plugin.known["reader"]().run()
Plugin.known["writer"]().run()
