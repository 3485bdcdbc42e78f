class Money:
    def __init__(self, amount):
        self.amount = amount

    def __add__(self, other):
        return Money(self.amount + other.amount)

    def __radd__(self, other):
        return self


def total(items):
    return sum(items)


total([Money(1), Money(2)])
