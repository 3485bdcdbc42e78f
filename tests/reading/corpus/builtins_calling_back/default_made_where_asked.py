import collections


class Counter:
    def __init__(self):
        self.total = 0

    def add(self, amount):
        self.total += amount


class Tracker:
    def __init__(self):
        self.counters = collections.defaultdict(Counter)
        self.limits = collections.defaultdict(lambda: 10)

    def count(self, name, amount):
        self.counters[name].add(amount)
        return self.limits[name]

    def known(self, name):
        return self.counters.get(name)


tracker = Tracker()
tracker.count("a", 1)
tracker.known("b")
