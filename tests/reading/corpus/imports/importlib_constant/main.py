import importlib

module = importlib.import_module("plugins.first")
module.run()


def second():
    return importlib.import_module(".second", package="plugins").run()


second()
