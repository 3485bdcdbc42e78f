import heapq


class Task:
    def __init__(self, priority):
        self.priority = priority

    def __lt__(self, other):
        return self.rank() < other.rank()

    def rank(self):
        return self.priority


def order(tasks):
    return sorted(tasks)


def first(tasks):
    return min(tasks)


def queue(tasks):
    heap = []
    for task in tasks:
        heapq.heappush(heap, task)
    return heapq.heappop(heap)


order([Task(2), Task(1)])
first([Task(2), Task(1)])
queue([Task(2), Task(1)])
