import functools
import itertools


def add(a, b):
    return a + b


def multiply(a, b):
    return a * b


def total(values):
    return functools.reduce(add, values)


def running(values):
    return list(itertools.accumulate(values, multiply))


total([1, 2, 3])
running([1, 2, 3])
