class Table:
    def __init__(self):
        self.rows = {}

    def __getitem__(self, key):
        return self.lookup(key)

    def __setitem__(self, key, value):
        self.store(key, value)

    def __delitem__(self, key):
        self.forget(key)

    def __contains__(self, key):
        return self.has(key)

    def lookup(self, key):
        return self.rows[key]

    def store(self, key, value):
        self.rows[key] = value

    def forget(self, key):
        del self.rows[key]

    def has(self, key):
        return key in self.rows


table = Table()
table["a"] = 1
if "a" in table:
    print(table["a"])
del table["a"]
