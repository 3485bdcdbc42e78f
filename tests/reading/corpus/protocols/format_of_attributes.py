class Server:
    @property
    def name(self):
        return made()

    def __format__(self, spec):
        return spec


def made():
    return "a"


def show(server):
    return "{0.name}".format(server)


def padded(server):
    return f"{server:>10}"


show(Server())
padded(Server())
