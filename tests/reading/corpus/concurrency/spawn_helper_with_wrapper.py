from concurrent.futures import ThreadPoolExecutor

_pool = ThreadPoolExecutor(1)


def spawn(function, *args, **kwargs):
    def wrapper(*args, **kwargs):
        prepare()
        return function(*args, **kwargs)

    return _pool.submit(wrapper, *args, **kwargs)


def prepare():
    return 1


def job(value):
    return value


def run():
    return spawn(job, 1).result()


run()
