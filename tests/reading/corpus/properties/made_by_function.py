def load(self):
    return 1


def checked(value):
    return value


def attribute(name, loader):
    def get(self):
        if name not in self.__dict__:
            self.__dict__[name] = loader(self)
        return self.__dict__[name]

    def put(self, value):
        self.__dict__[name] = checked(value)

    return property(get, put)


class Model:
    size = attribute("size", load)


model = Model()
model.size
model.size = 2
