import itertools


def naturals():
    number = 0
    while True:
        yield advance(number)
        number += 1


def advance(number):
    return number


def take():
    return list(itertools.islice(naturals(), 2))


take()
