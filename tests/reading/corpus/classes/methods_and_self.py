class Account:
    def __init__(self):
        self.reset()

    def reset(self):
        self.total = 0

    def add(self, amount):
        self.total += amount
        return self.report()

    def report(self):
        return self.total


account = Account()
account.add(1)
