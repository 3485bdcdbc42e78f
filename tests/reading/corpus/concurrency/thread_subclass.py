import threading


class Worker(threading.Thread):
    def __init__(self, job):
        super().__init__()
        self.job = job

    def run(self):
        return self.job()


def job():
    return 1


def start():
    worker = Worker(job)
    worker.start()
    worker.join()


start()
