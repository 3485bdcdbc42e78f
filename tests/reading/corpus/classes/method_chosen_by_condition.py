class Volume:
    def __init__(self, shared):
        self.connect = self.connect_shared if shared else self.connect_local

    def connect_shared(self):
        return 1

    def connect_local(self):
        return 2


Volume(True).connect()
Volume(False).connect()
