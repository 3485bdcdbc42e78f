import functools
import operator


class Row:
    def __init__(self, size):
        self.size = size

    @property
    def weight(self):
        return weigh(self.size)


def weigh(size):
    return size


def compare(one, other):
    return one.size - other.size


def order(rows):
    rows.sort(key=functools.cmp_to_key(compare))
    return sorted(rows, key=operator.attrgetter("weight"))


order([Row(2), Row(1)])
