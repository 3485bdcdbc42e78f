def first():
    return 1


def second():
    return 2


class Jobs(list):
    def run(self):
        return [job() for job in self]


class Kept:
    def __init__(self):
        self.items = []

    def __setitem__(self, key, value):
        self.items.append((key, value))


plain = [None, None]
plain[:] = [first, first]
plain[0]()
jobs = Jobs()
jobs[:] = (job for job in (second,))
jobs.run()
kept = Kept()
kept[1:2] = [first]
