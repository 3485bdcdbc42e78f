class FastDriver:
    def __init__(self):
        self.ready = True

    def start(self):
        return 1
