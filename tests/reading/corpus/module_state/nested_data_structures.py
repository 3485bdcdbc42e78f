class Node:
    def __init__(self, name):
        self.name = name
        self.children = []

    def add(self, child):
        self.children.append(child)
        return child

    def walk(self, visit):
        visit(self)
        for child in self.children:
            child.walk(visit)


def show(node):
    return node.name


root = Node("root")
root.add(Node("a")).add(Node("b"))
root.walk(show)
