import itertools


def parity(value):
    return value % 2


def combine(a, b):
    return a + b


def grouped():
    return [list(items) for _, items in itertools.groupby([1, 3, 2], parity)]


def combined():
    return list(itertools.starmap(combine, [(1, 2), (3, 4)]))


grouped()
combined()
