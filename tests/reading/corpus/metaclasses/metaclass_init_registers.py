REGISTRY = {}


class Meta(type):
    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        cls.register(name)

    def register(cls, name):
        REGISTRY[name] = cls


class Base(metaclass=Meta):
    def run(self):
        return 0


class Child(Base):
    def run(self):
        return 1


for kind in REGISTRY.values():
    kind().run()
