def rank(item):
    return item


def order(items):
    return sorted(items, key=lambda item: rank(item))


def best(items):
    return max(items, key=rank)


def in_place(items):
    items.sort(key=rank)


order([2, 1])
best([1, 2])
in_place([2, 1])
