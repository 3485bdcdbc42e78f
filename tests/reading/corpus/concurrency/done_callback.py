from concurrent.futures import ThreadPoolExecutor


def work():
    return 1


def finished(future):
    return report(future.result())


def report(value):
    return value


def run():
    pool = ThreadPoolExecutor(1)
    future = pool.submit(work)
    future.add_done_callback(finished)
    pool.shutdown()


run()
