from objects import base


@base.register
class Server:
    def save(self):
        return 1
