class Server:
    def start(self):
        return 1

    def stop(self):
        return 2


def use(server):
    getattr(server, "start")()
    method = getattr(server, "stop", None)
    if method:
        method()


use(Server())
