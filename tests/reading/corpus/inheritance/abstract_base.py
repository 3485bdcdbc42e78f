import abc


class Driver(abc.ABC):
    @abc.abstractmethod
    def connect(self):
        """Connect."""

    def run(self):
        return self.connect()


class Real(Driver):
    def connect(self):
        return open_socket()


def open_socket():
    return 1


Real().run()
