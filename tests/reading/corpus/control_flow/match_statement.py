class Point:
    __match_args__ = ("x",)

    def __init__(self, x):
        self.x = x

    def norm(self):
        return self.x


def handle(value):
    match value:
        case Point(x=0):
            return zero()
        case Point() as point:
            return point.norm()
        case {"call": function}:
            return function()
        case [first, *rest]:
            return first() + len(rest)
        case str() if check(value):
            return text(value)
        case _:
            return nothing()


def zero():
    return 0


def from_mapping():
    return 1


def from_list():
    return 2


def check(value):
    return True


def text(value):
    return value


def nothing():
    return None


handle(Point(0))
handle(Point(1))
handle({"call": from_mapping})
handle([from_list])
handle("a")
handle(1)
