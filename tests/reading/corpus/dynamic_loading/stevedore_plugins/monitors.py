from stevedore import extension


class CpuMonitor:
    def __init__(self):
        self.name = "cpu"

    def measure(self):
        return 1


class RamMonitor:
    def measure(self):
        return 2


def load():
    manager = extension.ExtensionManager("corpus.monitors", invoke_on_load=True)
    return [loaded.obj for loaded in manager]
