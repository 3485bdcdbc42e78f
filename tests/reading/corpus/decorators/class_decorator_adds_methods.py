def describe(self):
    return self.name()


def describable(prefix):
    def decorate(cls):
        cls.describe = describe
        cls.prefixed = lambda self: prefix() + self.describe()
        return cls

    return decorate


def hello():
    return "hello "


@describable(hello)
class Person:
    def name(self):
        return "person"


Person().describe()
Person().prefixed()
