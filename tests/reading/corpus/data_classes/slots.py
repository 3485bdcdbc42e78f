class Node:
    __slots__ = ("callback", "value")

    def __init__(self, callback):
        self.callback = callback

    def fire(self):
        return self.callback()


def ring():
    return 1


Node(ring).fire()
