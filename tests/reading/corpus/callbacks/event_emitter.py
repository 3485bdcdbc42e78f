import collections


class Emitter:
    def __init__(self):
        self.handlers = collections.defaultdict(list)

    def on(self, name, handler):
        self.handlers[name].append(handler)

    def emit(self, name, *args):
        for handler in self.handlers[name]:
            handler(*args)


def opened(value):
    return value


def closed(value):
    return value


emitter = Emitter()
emitter.on("open", opened)
emitter.on("close", closed)


def open_all():
    emitter.emit("open", 1)


def close_all():
    emitter.emit("close", 2)


open_all()
close_all()
