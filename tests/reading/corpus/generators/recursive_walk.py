def walk(tree):
    for item in tree:
        if isinstance(item, list):
            yield from walk(item)
        else:
            yield visit(item)


def visit(item):
    return item


def run():
    return list(walk([1, [2, [3]]]))


run()
