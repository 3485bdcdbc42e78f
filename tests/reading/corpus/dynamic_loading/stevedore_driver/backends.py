class Files:
    def __init__(self, name):
        self.name = name

    def read(self):
        return self.name
