class Base:
    def run(self):
        return self.__step()

    def __step(self):
        return 1


class Child(Base):
    def __step(self):
        return 2

    def both(self):
        return self.run() + self.__step()


Child().both()
