class Holder:
    def __init__(self, held):
        self.held = held


class Door(Holder):
    def open(self):
        return self.held.turn()


class Box(Holder):
    def open(self):
        return self.held.lift()


class Key:
    def turn(self):
        return "turned"

    def lift(self):
        return "a key is not lifted"


class Lid:
    def lift(self):
        return "lifted"

    def turn(self):
        return "a lid is not turned"


Door(Key()).open()
Box(Lid()).open()
