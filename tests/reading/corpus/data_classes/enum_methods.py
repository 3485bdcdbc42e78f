import enum


class Color(enum.Enum):
    RED = 1
    GREEN = 2

    def describe(self):
        return self.label()

    def label(self):
        return self.name

    @classmethod
    def default(cls):
        return cls.RED

    @property
    def strong(self):
        return self is Color.RED


Color.RED.describe()
Color.default().describe()
Color.GREEN.strong
for color in Color:
    color.describe()
