import functools


class Formatter:
    @functools.singledispatchmethod
    def show(self, value):
        return self.other(value)

    @show.register
    def _(self, value: int):
        return number(value)

    @show.register(str)
    def _text(self, value):
        return text(value)

    def other(self, value):
        return value


def number(value):
    return value


def text(value):
    return value


Formatter().show(1)
Formatter().show("a")
Formatter().show(None)
