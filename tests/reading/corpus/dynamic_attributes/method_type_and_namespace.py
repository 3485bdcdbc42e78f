import types


def greet(self):
    return self.name()


class Person:
    def name(self):
        return "a"


def work():
    return 1


person = Person()
person.greet = types.MethodType(greet, person)
person.greet()
tools = types.SimpleNamespace(work=work, stop=None)
tools.work()
