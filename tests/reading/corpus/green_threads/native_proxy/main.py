# needs: eventlet.tpool
from eventlet import tpool


class Connection:
    def open(self):
        return self._handshake()

    def _handshake(self):
        return 1


def wrap(connection):
    return tpool.Proxy(connection)


def direct(value):
    return value


def run():
    wrap(Connection()).open()
    return tpool.execute(direct, 1)


run()
tpool.killall()
