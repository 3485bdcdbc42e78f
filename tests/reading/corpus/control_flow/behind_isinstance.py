class Leaf:
    def __init__(self, text):
        self.text = text

    def show(self):
        return self.text


class Node:
    def __init__(self, children):
        self.children = children

    def show(self):
        return [plain(child) for child in self.children]

    def release(self):
        return None


class Wide(Node):
    def show(self):
        return "wide"


class Other:
    def show(self):
        return "other"

    def release(self):
        return None


def plain(value):
    if isinstance(value, Node):
        return [plain(child) for child in value.children]
    elif isinstance(value, Leaf):
        return value.show()
    else:
        return value


def show_rest(value):
    return value.show()


def describe(value):
    if not isinstance(value, (Leaf, Node)):
        return show_rest(value)
    return None


def release_all(values):
    return [value.release() for value in values if isinstance(value, Node)]


def release_other(value):
    return None if isinstance(value, Node) else value.show()


def both(value):
    return isinstance(value, Leaf) and value.show()


def sure(value):
    assert isinstance(value, Wide)
    return value.show()


tree = Wide([Leaf("a"), Node([Leaf("b")])])
plain(tree)
show_rest(plain(Other()))
describe(tree)
describe(Other())
release_all([tree, Leaf("c")])
release_other(tree)
release_other(Leaf("d"))
both(tree)
both(Leaf("e"))
sure(tree)
Node([Leaf("f")]).show()
