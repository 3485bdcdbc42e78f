class Plain:
    def __init__(self):
        self.ready = True

    def go(self):
        return 1


class Fancy(Plain):
    def go(self):
        return super().go() + 1


def build(kind):
    return kind().go()


build(Plain)
build(Fancy)
