class Forwarding:
    """Every attribute that it lacks is one of what it stands for."""

    def __init__(self, inner):
        self.inner = inner

    def __getattr__(self, name):
        found = getattr(self.inner, name)

        def logged(*args):
            return found(*args)

        return logged


class Door:
    def open(self):
        return 1

    def close(self):
        return 2


door = Forwarding(Door())


def come_in():
    return door.open()


def go_out():
    return door.close()


come_in()
go_out()
