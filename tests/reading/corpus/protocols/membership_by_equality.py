class Name:
    def __init__(self, text):
        self.text = text

    def __eq__(self, other):
        return self.text == other.text

    __hash__ = None


def known(name, names):
    return name in names


def position(name, names):
    return names.index(name)


known(Name("a"), [Name("b")])
position(Name("a"), [Name("a")])
