class Limit:
    def __init__(self, most):
        self.most = most

    def __call__(self, function):
        def limited():
            self.check()
            return function()

        return limited

    def check(self):
        return self.most


@Limit(3)
def work():
    return 1


work()
