class Formats:
    short = staticmethod(lambda value: shorten(value))
    long = lambda self, value: lengthen(value)  # noqa: E731


def shorten(value):
    return value


def lengthen(value):
    return value


Formats.short(1)
Formats().long(1)
