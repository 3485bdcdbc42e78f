class Lock:
    def __enter__(self):
        self.acquire()
        return self

    def __exit__(self, *error):
        self.release()

    def acquire(self):
        return 1

    def release(self):
        return 2

    def use(self):
        return 3


def run():
    with Lock() as lock:
        lock.use()


run()
