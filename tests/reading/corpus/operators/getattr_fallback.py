class Proxy:
    def __init__(self, target):
        self._target = target

    def __getattr__(self, name):
        return getattr(self._target, name)


class Target:
    def work(self):
        return self.finish()

    def finish(self):
        return 1


Proxy(Target()).work()
