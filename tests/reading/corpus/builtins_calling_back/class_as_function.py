class Point:
    def __init__(self, value):
        self.value = value


def points(values):
    return list(map(Point, values))


points([1, 2])
