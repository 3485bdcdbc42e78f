import copy


class Device:
    def __init__(self, name):
        self.name = name

    def __getattr__(self, name):
        return missing(name)


class Plain:
    def __init__(self, part):
        self.part = part


def missing(name):
    raise AttributeError(name)


def deep(device):
    return copy.deepcopy(device)


def shallow(device):
    return copy.copy(device)


deep(Device("disk"))
shallow(Plain(1))
deep(Plain(2))
