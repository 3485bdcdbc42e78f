import enum
import functools


def add():
    return 1


def remove():
    return 2


class Action(enum.Enum):
    ADD = functools.partial(add)
    REMOVE = functools.partial(remove)

    def run(self):
        return self.value()


Action.ADD.run()
Action.REMOVE.run()
