import drivers


class LocalDriver(drivers.Driver):
    def __init__(self):
        self.running = []

    def spawn(self, name):
        return self._create(name)

    def _create(self, name):
        self.running.append(name)
