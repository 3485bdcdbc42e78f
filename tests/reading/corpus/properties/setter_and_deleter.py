class Celsius:
    def __init__(self):
        self.value = 0

    @property
    def degrees(self):
        return self.value

    @degrees.setter
    def degrees(self, value):
        self.check(value)
        self._value = value

    @degrees.deleter
    def degrees(self):
        self.forget()

    def check(self, value):
        return value

    def forget(self):
        self._value = None


celsius = Celsius()
celsius.degrees = 5
celsius.degrees += 1
del celsius.degrees
