import functools


class Cell:
    def set_state(self, state):
        self.state = state

    set_alive = functools.partialmethod(set_state, True)
    set_dead = functools.partialmethod(set_state, False)


cell = Cell()
cell.set_alive()
cell.set_dead()
