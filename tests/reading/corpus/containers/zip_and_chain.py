import itertools


def one():
    return 1


def two():
    return 2


def zipped():
    for name, function in zip(("a", "b"), (one, two)):
        function()


def chained():
    for function in itertools.chain([one], (two,)):
        function()


zipped()
chained()
