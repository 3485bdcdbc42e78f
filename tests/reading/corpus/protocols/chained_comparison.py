class Level:
    def __init__(self, value):
        self.value = value

    def __le__(self, other):
        return self.value <= other.value

    def __gt__(self, other):
        return self.value > other.value


def between(low, middle, high):
    return low <= middle <= high


between(Level(1), Level(2), Level(3))


def above(a, b):
    return a > b


above(Level(1), Level(2))
