import concurrent.futures


def work(value):
    return value


class Scaler:
    def scale(self, value):
        return value * 2


def run():
    pool = concurrent.futures.ThreadPoolExecutor()
    total = list(pool.map(work, [1, 2]))
    total += pool.map(Scaler().scale, [3])
    pool.shutdown()
    return total


run()
