import heapq


class Row:
    def __init__(self, number):
        self.number = number

    def __lt__(self, other):
        return self.number < other.number

    def show(self):
        return self.number


def rows(first):
    yield Row(first)
    yield Row(first + 2)


def rank(row):
    return row.number


def listed():
    return [row.show() for row in heapq.merge(*[rows(1), rows(2)])]


def ranked(one, other):
    return list(heapq.merge(one, other, key=rank))


listed()
ranked([Row(1)], [Row(2)])
