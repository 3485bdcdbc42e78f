from concurrent.futures import ThreadPoolExecutor


class Manager:
    def __init__(self):
        self.pool = ThreadPoolExecutor(1)

    def build(self, name):
        def do_build():
            return self.spawn(name)

        return self.pool.submit(do_build).result()

    def spawn(self, name):
        return name

    def stop(self):
        self.pool.shutdown()


manager = Manager()
manager.build("a")
manager.stop()
