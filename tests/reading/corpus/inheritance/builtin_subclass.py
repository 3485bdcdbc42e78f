class Names(list):
    def append(self, name):
        self.check(name)
        super().append(name)

    def check(self, name):
        return bool(name)


class Options(dict):
    def __missing__(self, key):
        return self.default(key)

    def default(self, key):
        return key


names = Names()
names.append("a")
Options()["missing"]
