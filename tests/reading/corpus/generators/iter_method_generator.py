class Tree:
    def __init__(self, children=()):
        self.children = children

    def __iter__(self):
        yield self
        for child in self.children:
            yield from child

    def name(self):
        return "tree"


def names(tree):
    return [node.name() for node in tree]


names(Tree([Tree()]))
