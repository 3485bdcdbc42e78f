import weakref


class Resource:
    def __init__(self, name):
        self.name = name
        self.watcher = weakref.finalize(self, released, name)

    def close(self):
        return self.watcher()

    def changed(self):
        return noted(self.name)


def released(name):
    return noted(name)


def noted(name):
    return name


def listening(resource):
    listener = weakref.WeakMethod(resource.changed)
    return listener()()


resource = Resource("a")
listening(resource)
resource.close()
