class Adder:
    def __init__(self, amount):
        self.amount = amount

    def __call__(self, value):
        return self.apply(value)

    def apply(self, value):
        return self.amount + value


add = Adder(1)
add(2)
list(map(add, [1, 2]))
