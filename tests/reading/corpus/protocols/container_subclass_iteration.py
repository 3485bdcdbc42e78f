class Stack(list):
    def __iter__(self):
        return reversed(self.copy())

    def push(self, item):
        self.append(item)


def one():
    return 1


def run():
    stack = Stack()
    stack.push(one)
    for item in stack:
        item()


run()
