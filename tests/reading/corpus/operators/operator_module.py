import operator


class Vector:
    def __init__(self, value):
        self.value = value

    def __add__(self, other):
        return Vector(self.value + other.value)

    def size(self):
        return 1


def total():
    return operator.add(Vector(1), Vector(2))


def sizes(vectors):
    return list(map(operator.methodcaller("size"), vectors))


def labels(items):
    return sorted(items, key=operator.attrgetter("value"))


total()
sizes([Vector(1)])
labels([Vector(2), Vector(1)])
