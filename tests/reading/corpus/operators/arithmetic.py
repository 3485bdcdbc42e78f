class Number:
    def __init__(self, value):
        self.value = value

    def __add__(self, other):
        return Number(self.value + other.value)

    def __mul__(self, other):
        return self.scaled(other)

    def __neg__(self):
        return Number(-self.value)

    def scaled(self, factor):
        return Number(self.value * factor)


total = Number(1) + Number(2)
double = total * 2
opposite = -double
