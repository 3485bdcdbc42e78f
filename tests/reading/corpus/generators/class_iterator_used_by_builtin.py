class Lines:
    def __init__(self):
        self.left = 2

    def __iter__(self):
        return self

    def __next__(self):
        if not self.left:
            raise StopIteration
        self.left -= 1
        return self.line()

    def line(self):
        return "x"


def joined():
    return "".join(Lines())


def found():
    return "y" in Lines()


def stepped():
    return next(iter(Lines()))


joined()
found()
stepped()
