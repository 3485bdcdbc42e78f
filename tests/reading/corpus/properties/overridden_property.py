class Base:
    @property
    def name(self):
        return "base"

    def greet(self):
        return self.name


class Child(Base):
    @property
    def name(self):
        return "child"


Base().greet()
Child().greet()
