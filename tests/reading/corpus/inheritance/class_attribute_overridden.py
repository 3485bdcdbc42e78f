def one(self):
    return 1


def two(self):
    return 2


class Base:
    action = one

    def run(self):
        return self.action()


class Child(Base):
    action = two


Base().run()
Child().run()
