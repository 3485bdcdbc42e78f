class Worker:
    def __init__(self, name):
        self.name = name

    def work(self):
        return self.report()

    def report(self):
        return self.name


def run(job):
    return job()


run(Worker("a").work)
