class Pool:
    workers = []

    @classmethod
    def add(cls, worker):
        cls.workers.append(worker)

    @classmethod
    def run(cls):
        return [worker.work() for worker in cls.workers]


class Worker:
    def work(self):
        return 1


Pool.add(Worker())
Pool.run()
