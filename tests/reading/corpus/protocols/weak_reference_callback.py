import weakref


class Node:
    pass


def gone(reference):
    return note(reference)


def note(reference):
    return None


def watch():
    node = Node()
    reference = weakref.ref(node, gone)
    del node
    return reference


watch()
