class Circle:
    def __init__(self, radius):
        self.radius = radius

    @property
    def area(self):
        return square(self.radius)


def square(value):
    return value * value


circle = Circle(1)
print(circle.area)
