def delegate(name):
    def method(self):
        return getattr(self.inner, name)()

    return method


class Inner:
    def open(self):
        return 1

    def close(self):
        return 2


class Outer:
    open = delegate("open")
    close = delegate("close")

    def __init__(self):
        self.inner = Inner()


outer = Outer()
outer.open()
outer.close()
