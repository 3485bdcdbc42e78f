# needs: futurist
import futurist


class Pools:
    def __init__(self):
        self._pool = futurist.ThreadPoolExecutor(max_workers=1)

    def spawn(self, function, *args):
        return self._pool.submit(function, *args)

    def stop(self):
        self._pool.shutdown()


def work(value):
    return value


def direct():
    return 1


def run():
    pools = Pools()
    pools.spawn(work, 1).result()
    pools.stop()
    return futurist.SynchronousExecutor().submit(direct).result()


run()
