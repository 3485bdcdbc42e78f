class Typed:
    def __class_getitem__(cls, item):
        return cls.specialise(item)

    @classmethod
    def specialise(cls, item):
        return cls()

    def use(self):
        return 1


Typed[int].use()
