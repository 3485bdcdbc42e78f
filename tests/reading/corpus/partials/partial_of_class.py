import functools


class Controller:
    def __init__(self, name):
        self.name = name

    def index(self):
        return self.name


make = functools.partial(Controller, "servers")
make().index()
