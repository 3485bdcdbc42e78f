class Weigher:
    def weigh(self):
        return self.value()

    def value(self):
        raise NotImplementedError
