class Handle:
    def __init__(self):
        self.open = True

    def __del__(self):
        self.close()

    def close(self):
        self.open = False


def use():
    handle = Handle()
    del handle


use()
