import importlib

DRIVERS = {
    "local": "volumes.local.LocalVolume",
    "net": "volumes.net.NetVolume",
}


def load_all():
    loaded = {}
    for name, path in DRIVERS.items():
        module, _, cls = path.rpartition(".")
        loaded[name] = getattr(importlib.import_module(module), cls)()
    return loaded


class Host:
    def __init__(self):
        self.drivers = load_all()

    def connect(self, name):
        return self.drivers[name].connect()


host = Host()
host.connect("local")
host.connect("net")
