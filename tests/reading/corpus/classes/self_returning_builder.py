class Builder:
    def __init__(self):
        self.parts = []

    def part(self, name):
        self.parts.append(name)
        return self

    def build(self):
        return Product(self.parts)


class Product:
    def __init__(self, parts):
        self.parts = parts

    def ship(self):
        return self.parts


Builder().part("a").part("b").build().ship()
