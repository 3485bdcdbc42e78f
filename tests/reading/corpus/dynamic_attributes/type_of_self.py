class Node:
    def copy(self):
        return type(self)()

    def clone(self):
        return self.__class__()

    def go(self):
        return 1


class Leaf(Node):
    def __init__(self):
        self.kind = "leaf"

    def go(self):
        return 2


Leaf().copy().go()
Leaf().clone().go()
