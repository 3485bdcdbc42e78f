class Point:
    __match_args__ = ("across", "up")

    def __init__(self, across, up):
        self.across = across
        self._up = up

    @property
    def up(self):
        return measured(self._up)


class Segment:
    __match_args__ = ("start", "end")

    def __init__(self, start, end):
        self.start = start
        self.end = end

    def length(self):
        return 1


def measured(value):
    return value


def on_axis(value):
    return value == 0


def describe(shape):
    match shape:
        case Point(0, 0):
            return origin()
        case Point(across, up) if on_axis(across):
            return vertical(up)
        case Segment(Point(0, _) as start, end):
            return from_axis(start, end)
        case Segment() as segment:
            return segment.length()
        case {"action": action, **rest}:
            return action(rest)
        case [first, *_] | (first, _):
            return first()
        case _:
            return None


def origin():
    return "origin"


def vertical(up):
    return up


def from_axis(start, end):
    return end.up


def act(rest):
    return rest


def begin():
    return "begun"


describe(Point(0, 0))
describe(Point(0, 2))
describe(Segment(Point(0, 1), Point(2, 3)))
describe(Segment(Point(1, 1), Point(2, 3)))
describe({"action": act, "more": 1})
describe([begin, None, None])
