class Sorter:
    def __init__(self, key=None):
        self._key = key

    def set_key(self, key):
        self._key = key

    def sort(self, items):
        return sorted(items, key=self._key)


def length(item):
    return len(item)


sorter = Sorter()
sorter.set_key(length)
sorter.sort(["aa", "b"])
