import contextlib
import contextvars
import queue


class Client:
    """Its methods are called like those of a queue, a variable and a stack."""

    def put(self, item):
        return item

    def set(self, item):
        return item

    def close(self):
        return None


class Worker:
    current = contextvars.ContextVar("current")

    def __init__(self):
        self.waiting = queue.Queue()
        self.stack = contextlib.ExitStack()

    def take(self):
        self.waiting.put(self.work)
        self.current.set(self.rest)
        self.stack.close()

    def go(self):
        self.waiting.get()()
        self.current.get()()

    def work(self):
        return 1

    def rest(self):
        return 2


worker = Worker()
worker.take()
worker.go()
