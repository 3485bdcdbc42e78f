from concurrent.futures import ThreadPoolExecutor


def work(value):
    return compute(value)


def compute(value):
    return value


def run():
    with ThreadPoolExecutor(2) as pool:
        future = pool.submit(work, 1)
        return future.result()


run()
