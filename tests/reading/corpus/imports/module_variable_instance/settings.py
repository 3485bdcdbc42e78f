class Config:
    def __init__(self):
        self.load()

    def load(self):
        self.values = {}

    def read(self):
        return self.values


CONF = Config()
