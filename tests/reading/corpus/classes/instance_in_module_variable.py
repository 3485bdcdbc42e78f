class Registry:
    def __init__(self):
        self.items = []

    def add(self, item):
        self.items.append(item)
        return self.last()

    def last(self):
        return self.items[-1]


REGISTRY = Registry()


def register(item):
    return REGISTRY.add(item)


register(1)
