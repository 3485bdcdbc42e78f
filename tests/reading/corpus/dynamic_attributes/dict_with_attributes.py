class Record(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            return missing(name)

    def __setattr__(self, name, value):
        self[name] = value


def missing(name):
    return name


def act():
    return 1


record = Record(act=act)
record.act()
record.other
