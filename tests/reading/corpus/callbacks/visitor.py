class Number:
    def accept(self, visitor):
        return visitor.visit_number(self)


class Sum:
    def __init__(self, left, right):
        self.left = left
        self.right = right

    def accept(self, visitor):
        return visitor.visit_sum(self)


class Printer:
    def visit_number(self, node):
        return "1"

    def visit_sum(self, node):
        return node.left.accept(self) + node.right.accept(self)


class Counter:
    def visit_number(self, node):
        return 1

    def visit_sum(self, node):
        return node.left.accept(self) + node.right.accept(self)


tree = Sum(Number(), Number())
tree.accept(Printer())
tree.accept(Counter())
