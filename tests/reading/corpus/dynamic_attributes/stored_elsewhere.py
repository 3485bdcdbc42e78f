class Row:
    size = 0


class Kept:
    """Sets some of its attributes on what it stands for, and reads them there."""

    def __init__(self, row):
        super().__setattr__("row", row)

    def __setattr__(self, name, value):
        setattr(self.row, name, value)

    def __getattr__(self, name):
        return getattr(self.row, name)

    def grow(self):
        self.size = self.size + 1
        return self.size


class Late:
    """Has its attribute from the first moment: nothing is asked for it elsewhere."""

    def __init__(self, made):
        self.made = made

    def __getattr__(self, name):
        return getattr(self.made, name)

    def work(self):
        return self.made.done()


class Work:
    def done(self):
        return True

    def more(self):
        return False


def build(kinds, name):
    return Late(kinds[name]())


Kept(Row()).grow()
build({"work": Work}, "work").work()
build({"work": Work}, "work").more()
