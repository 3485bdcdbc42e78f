import dataclasses


@dataclasses.dataclass
class Order:
    amount: int
    handler: object

    def __post_init__(self):
        self.check()

    def check(self):
        return self.amount

    def run(self):
        return self.handler()


def handle():
    return 1


Order(1, handle).run()
