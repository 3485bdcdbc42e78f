class classproperty:  # noqa: N801
    def __init__(self, getter):
        self.getter = getter

    def __get__(self, instance, owner):
        return self.getter(owner)


class Setup:
    @classproperty
    def name(cls):
        return cls.compute()

    @classmethod
    def compute(cls):
        return cls.__name__


Setup.name
Setup().name
