import importlib

NAMES = ("first", "second")


def load(name):
    return importlib.import_module("plugins." + name)


for name in NAMES:
    load(name).run()
