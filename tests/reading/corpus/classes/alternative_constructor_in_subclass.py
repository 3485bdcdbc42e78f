class Base:
    def __init__(self):
        self.ready = True

    @classmethod
    def create(cls):
        return cls()

    def go(self):
        return "base"


class Child(Base):
    def __init__(self):
        super().__init__()

    def go(self):
        return "child"


Child.create().go()
Base.create().go()
