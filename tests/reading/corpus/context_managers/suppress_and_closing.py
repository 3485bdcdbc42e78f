import contextlib


class Stream:
    def close(self):
        return 1

    def read(self):
        raise KeyError


def run():
    with contextlib.suppress(KeyError), contextlib.closing(Stream()) as stream:
        stream.read()


run()
