# python: 3.12
class Stack[T]:
    def __init__(self):
        self.items: list[T] = []

    def push(self, item: T) -> None:
        self.items.append(item)

    def pop(self) -> T:
        return self.items.pop()


def first[T](items: list[T]) -> T:
    return pick(items)


def pick(items):
    return items[0]


def act():
    return 1


stack = Stack[object]()
stack.push(act)
stack.pop()()
first([1])
