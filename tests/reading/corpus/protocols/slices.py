class Pages:
    def __getitem__(self, key):
        if isinstance(key, slice):
            return self.many(key)
        return self.one(key)

    def __setitem__(self, key, value):
        self.stored = value

    def many(self, key):
        return [key.start]

    def one(self, key):
        return key


def read(pages):
    pages[0] = 1
    return pages[1:2], pages[0]


read(Pages())
