import functools


@functools.lru_cache(maxsize=None)
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


class Store:
    @functools.cache
    def load(self):
        return fibonacci(2)


Store().load()
fibonacci(3)
