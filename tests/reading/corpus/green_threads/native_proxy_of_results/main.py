# needs: eventlet.tpool
from eventlet import tpool


class Domain:
    def start(self):
        return 1


class Stream:
    def read(self):
        return 2


class Connection:
    def __init__(self):
        self.stream = Stream()

    def lookup(self):
        return Domain()


def run():
    connection = tpool.Proxy(Connection(), autowrap=(Domain,), autowrap_names=("stream",))
    return connection.lookup().start(), connection.stream.read()


run()
tpool.killall()
