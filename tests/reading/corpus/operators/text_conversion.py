class Name:
    def __init__(self, text):
        self.text = text

    def __str__(self):
        return self.clean()

    def __repr__(self):
        return "Name"

    def __format__(self, spec):
        return spec

    def clean(self):
        return self.text


def texts(name):
    return str(name), repr(name), f"{name:x}", f"{name!r}"


def shown(name):
    print(name)


texts(Name("a"))
shown(Name("b"))
