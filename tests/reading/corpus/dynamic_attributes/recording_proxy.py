class Recorder:
    def __init__(self, target):
        self.target = target

    def __getattr__(self, name):
        method = getattr(self.target, name)

        def recorded(*args):
            return method(*args)

        return recorded


class Disk:
    def read(self):
        return 1

    def write(self, data):
        return data


disk = Recorder(Disk())
disk.read()
disk.write("x")
