class Disk:
    def read(self):
        return 1


class Controller:
    def __init__(self, disk):
        self.disk = disk


class Machine:
    def __init__(self):
        self.controller = Controller(Disk())

    def boot(self):
        return self.controller.disk.read()


machine = Machine()
machine.boot()
machine.controller.disk.read()
