class Task:
    def run(self):
        return 1


class Queue:
    def __init__(self):
        self.tasks = []

    def add(self, task):
        self.tasks.append(task)

    def run_all(self):
        return [task.run() for task in self.tasks]


queue = Queue()
queue.add(Task())
queue.run_all()
