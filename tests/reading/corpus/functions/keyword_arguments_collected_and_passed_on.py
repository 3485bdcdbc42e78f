class Base:
    def __init__(self, **kwargs):
        self.callback = kwargs.pop("callback", None)

    def fire(self):
        return self.callback()


class Child(Base):
    def __init__(self, name, **kwargs):
        super().__init__(**kwargs)
        self.name = name


def ring():
    return 1


Child("a", callback=ring).fire()
