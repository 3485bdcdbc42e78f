class Store:
    def save(self):
        return 1


class Memory:
    def save(self):
        return 2


class Service:
    def __init__(self, store=None):
        self.store = store or Store()

    def run(self):
        return self.store.save()


Service().run()
Service(Memory()).run()
