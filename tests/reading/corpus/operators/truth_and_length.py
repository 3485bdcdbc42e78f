class Queue:
    def __init__(self):
        self.items = []

    def __len__(self):
        return self.count()

    def count(self):
        return len(self.items)


class Flag:
    def __bool__(self):
        return self.check()

    def check(self):
        return True


def use(queue, flag):
    if flag and not queue:
        return len(queue)
    return None


use(Queue(), Flag())
