class Metre:
    def __add__(self, other):
        if isinstance(other, Metre):
            return self.join(other)
        return NotImplemented

    def join(self, other):
        return self


class Foot:
    def __radd__(self, other):
        return convert(other)


def convert(value):
    return value


Metre() + Metre()
Metre() + Foot()
