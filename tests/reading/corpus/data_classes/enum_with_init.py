import enum


class Planet(enum.Enum):
    EARTH = (1,)
    MARS = (2,)

    def __init__(self, mass):
        self.mass = mass

    def gravity(self):
        return compute(self.mass)


def compute(mass):
    return mass


Planet.EARTH.gravity()
Planet["MARS"].gravity()
Planet((1,)).gravity()
