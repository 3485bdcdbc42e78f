"""A class in the place of a constructor is called without the object; one may be its own, or another's in a ring."""

import sys


class Part:
    def __init__(self, name, size=0):
        self.name = name
        self.weigh()

    def weigh(self):
        return len(self.name)


class Whole:
    __init__ = Part


class Own:
    pass


class There:
    pass


class Back:
    pass


if len(sys.argv) > 1000:
    Own.__init__ = Own
    There.__init__ = Back
    Back.__init__ = There


def main():
    Own()
    There()
    Back()
    try:
        Whole("wheel", 3)
    except TypeError:
        pass


main()
