import functools
from concurrent.futures import ThreadPoolExecutor


def copy(source, target):
    return move(source, target)


def move(source, target):
    return source


def run():
    with ThreadPoolExecutor() as pool:
        pool.submit(functools.partial(copy, "a"), "b").result()
        pool.submit(lambda: copy("c", "d")).result()


run()
