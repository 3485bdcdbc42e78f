import objects


def register(cls):
    setattr(objects, cls.__name__, cls)
    return cls
