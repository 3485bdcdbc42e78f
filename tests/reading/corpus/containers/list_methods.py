def one():
    return 1


def two():
    return 2


def three():
    return 3


def build():
    queue = []
    queue.append(one)
    queue.insert(0, two)
    queue.extend([three])
    return queue


def drain(queue):
    while queue:
        queue.pop()()


drain(build())
