class Machine:
    def __init__(self):
        self.handlers = {"a": self.on_a, "b": self.on_b}

    def on_a(self):
        return 1

    def on_b(self):
        return 2

    def handle(self, event):
        handler = self.handlers[event]
        return handler()


machine = Machine()
machine.handle("a")
machine.handle("b")
