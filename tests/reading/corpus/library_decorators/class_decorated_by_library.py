import functools
import typing


def traced(switched_on):
    def decorator(cls):
        if switched_on:
            mark = functools.partial(typing.final)
            return mark(cls)
        return cls

    return decorator


@traced(True)
@functools.total_ordering
class Base:
    def __init__(self, name):
        self.name = self.cleaned(name)

    def cleaned(self, name):
        return name.strip()

    def __eq__(self, other):
        return self.name == other.name

    def __lt__(self, other):
        return self.name < other.name


class Below(Base):
    def __init__(self, name):
        super().__init__(name)
        self.size = 1

    def cleaned(self, name):
        return super().cleaned(name).lower()


@traced(False)
class Beside(Base):
    def cleaned(self, name):
        return super().cleaned(name).upper()


Below(" Blue ").cleaned("Red ")
Beside("red")
