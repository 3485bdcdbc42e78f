class Options:
    def keys(self):
        return ["name"]

    def __getitem__(self, key):
        return self.find(key)

    def find(self, key):
        return key


def use(name):
    return name


def unpack():
    return use(**Options())


def convert():
    return dict(Options())


unpack()
convert()
