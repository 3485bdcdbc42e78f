from dataclasses import dataclass


@dataclass
class Circle:
    radius: int

    def area(self):
        return self.radius


@dataclass
class Square:
    side: int

    def area(self):
        return self.side


@dataclass
class Drawing:
    shape: object


def measure(value):
    match value:
        case Drawing(shape=Circle() as circle):
            return circle.area()
        case Drawing(shape=Square(side)) | Drawing(side) if positive(side):
            return double(side)
        case [Circle(radius), *_]:
            return first(radius)
        case {"kind": "square", **rest}:
            return from_mapping(rest)
        case _:
            return nothing()


def positive(side):
    return True


def double(side):
    return side


def first(radius):
    return radius


def from_mapping(rest):
    return rest


def nothing():
    return None


measure(Drawing(Circle(1)))
measure(Drawing(Square(1)))
measure([Circle(2)])
measure({"kind": "square", "side": 2})
measure(None)
