import importlib

DRIVER = "drivers.fast.FastDriver"


def import_class(path):
    module_name, _, class_name = path.rpartition(".")
    return getattr(importlib.import_module(module_name), class_name)


def run():
    return import_class(DRIVER)().start()


run()
