import threading


class Guard:
    def __init__(self):
        self.lock = threading.Lock()
        self.local = threading.local()

    def run(self, action):
        with self.lock:
            self.local.action = action
            return self.local.action()


def act():
    return 1


Guard().run(act)
