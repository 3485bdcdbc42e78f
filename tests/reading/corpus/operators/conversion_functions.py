import math


class Length:
    def __int__(self):
        return self.rounded()

    def __float__(self):
        return 1.0

    def __index__(self):
        return 1

    def __abs__(self):
        return 1

    def __round__(self, digits=None):
        return 1

    def __floor__(self):
        return 1

    def rounded(self):
        return 1


def convert(length):
    return int(length), float(length), [1, 2][length], abs(length), round(length), math.floor(length)


convert(Length())
