import importlib
import inspect
import pkgutil

import weights


def load_classes():
    classes = []
    for info in pkgutil.iter_modules(weights.__path__):
        module = importlib.import_module("weights." + info.name)
        for _, value in inspect.getmembers(module, inspect.isclass):
            if issubclass(value, weights.Weigher) and value is not weights.Weigher:
                classes.append(value)
    return classes
