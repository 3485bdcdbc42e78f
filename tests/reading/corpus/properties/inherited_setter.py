class Base:
    @property
    def level(self):
        return self._level

    @level.setter
    def level(self, value):
        self._level = value


class Child(Base):
    @Base.level.setter
    def level(self, value):
        Base.level.fset(self, value + 1)


child = Child()
child.level = 1
print(child.level)
