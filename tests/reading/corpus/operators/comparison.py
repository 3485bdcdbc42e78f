import functools


@functools.total_ordering
class Version:
    def __init__(self, number):
        self.number = number

    def __eq__(self, other):
        return self.key() == other.key()

    def __lt__(self, other):
        return self.key() < other.key()

    def key(self):
        return self.number


def compare(a, b):
    return a == b or a < b


compare(Version(1), Version(2))
