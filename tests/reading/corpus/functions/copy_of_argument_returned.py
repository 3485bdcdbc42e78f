import copy


class Disk:
    def copy(self):
        return copy.copy(self)

    def attach(self):
        return 1


class Port:
    def copy(self):
        return copy.copy(self)

    def attach(self):
        return 2


def moved(thing, names):
    """A copy of the thing without some of its attributes."""
    if names is None:
        names = []
    names.append("place")
    other = thing.copy()
    other.owner = "somebody"
    for name in names:
        if name in vars(other):
            delattr(other, name)
    for name in sorted(vars(thing)):
        setattr(other, name, getattr(thing, name))
    return other


def move_disk():
    return moved(Disk(), None).attach()


def move_port():
    return moved(Port(), ["speed"]).attach()


move_disk()
move_port()
