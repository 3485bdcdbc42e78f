def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return find(name)


def find(name):
    return {"tool": _tool, "other": _other}[name]


def _tool():
    return 1


def _other():
    return 2
