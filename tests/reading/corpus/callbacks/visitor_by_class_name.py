class Leaf:
    pass


class Branch:
    def __init__(self, children):
        self.children = children


class Visitor:
    def visit(self, node):
        method = getattr(self, "visit_" + type(node).__name__.lower(), self.generic)
        return method(node)

    def visit_leaf(self, node):
        return 1

    def visit_branch(self, node):
        return [self.visit(child) for child in node.children]

    def generic(self, node):
        return None


Visitor().visit(Branch([Leaf(), "other"]))
