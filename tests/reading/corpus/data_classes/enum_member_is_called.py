# also: enum_member_is_called:Operation.__call__ -> enum_member_is_called:drop
import enum


class Operation(enum.Enum):
    ADD = "add"
    DROP = "drop"

    def __call__(self, value):
        return HANDLERS[self](value)

    @classmethod
    def parse(cls, text):
        return cls(text)

    @property
    def label(self):
        return shorten(self.value)


def shorten(text):
    return text


def add(value):
    return value


def drop(value):
    return None


HANDLERS = {Operation.ADD: add, Operation.DROP: drop}

Operation.parse("add").label
Operation.ADD(1)
