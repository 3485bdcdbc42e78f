import queue
import threading

_tasks = queue.Queue()


def worker():
    while True:
        task = _tasks.get()
        if task is None:
            return
        task()


def job():
    return 1


def run():
    thread = threading.Thread(target=worker)
    thread.start()
    _tasks.put(job)
    _tasks.put(None)
    thread.join()


run()
