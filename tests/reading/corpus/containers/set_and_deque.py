import collections


def one():
    return 1


def two():
    return 2


def from_set():
    for function in {one}:
        function()


def from_deque():
    queue = collections.deque([one])
    queue.appendleft(two)
    return queue.popleft()() + queue.pop()()


from_set()
from_deque()
