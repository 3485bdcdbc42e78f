class Bag:
    pass


def handle():
    return 1


def use(bag):
    return bag.handler()


bag = Bag()
bag.handler = handle
use(bag)
