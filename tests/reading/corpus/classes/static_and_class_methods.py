class Shape:
    @staticmethod
    def area(width):
        return square(width)

    @classmethod
    def unit(cls):
        return cls(cls.default())

    @classmethod
    def default(cls):
        return 1

    def __init__(self, width):
        self.width = width

    def size(self):
        return self.area(self.width)


def square(width):
    return width * width


Shape.area(1)
Shape.unit().size()
