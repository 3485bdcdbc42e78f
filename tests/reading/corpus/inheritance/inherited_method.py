class Base:
    def go(self):
        return self.step()

    def step(self):
        return 1


class Child(Base):
    pass


class Grandchild(Child):
    def step(self):
        return 2


Child().go()
Grandchild().go()
