import enum
import functools


def add():
    return 1


def remove():
    return 2


class Action(enum.Enum):
    ADD = enum.member(functools.partial(add))
    REMOVE = enum.member(functools.partial(remove))

    def run(self):
        return self.value()


Action.ADD.run()
Action.REMOVE.run()
