class Money:
    def __init__(self, amount):
        self.amount = amount

    def __radd__(self, other):
        return Money(other + self.amount)

    def __iadd__(self, other):
        self.grow(other)
        return self

    def grow(self, other):
        self.amount += other


money = 1 + Money(2)
money += 3
