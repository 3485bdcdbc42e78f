from concurrent.futures import ThreadPoolExecutor

_executors = {}


def get_executor(name):
    if name not in _executors:
        _executors[name] = ThreadPoolExecutor(1)
    return _executors[name]


def spawn_on(name, function, *args):
    return get_executor(name).submit(function, *args)


def first(value):
    return value


def second():
    return 2


def run():
    return spawn_on("a", first, 1).result() + spawn_on("b", second).result()


run()
