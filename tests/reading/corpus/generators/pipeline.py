def read():
    yield 1
    yield 2


def clean(items):
    for item in items:
        yield strip(item)


def strip(item):
    return item


def keep(items):
    return (item for item in items if wanted(item))


def wanted(item):
    return item > 1


def run():
    return list(keep(clean(read())))


run()
