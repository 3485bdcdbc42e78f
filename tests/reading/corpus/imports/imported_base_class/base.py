class Base:
    def run(self):
        return self.step()

    def step(self):
        return 0


class Middle(Base):
    pass


def helper():
    return 1
