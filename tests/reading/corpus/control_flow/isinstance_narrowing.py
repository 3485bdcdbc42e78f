class Circle:
    def area(self):
        return 1

    def radius(self):
        return 2


class Square:
    def area(self):
        return 3

    def side(self):
        return 4


def describe(shape):
    if isinstance(shape, Circle):
        return shape.radius()
    return shape.side()


describe(Circle())
describe(Square())
