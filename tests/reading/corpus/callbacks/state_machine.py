class Idle:
    def next(self):
        return Running()


class Running:
    def next(self):
        return Stopped()


class Stopped:
    def next(self):
        return self


class Machine:
    def __init__(self):
        self.state = Idle()

    def step(self):
        self.state = self.state.next()


machine = Machine()
for _ in range(3):
    machine.step()
