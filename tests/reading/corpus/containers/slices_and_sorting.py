def one():
    return 1


def two():
    return 2


def three():
    return 3


def run():
    steps = [one, two, three]
    for step in steps[1:]:
        step()
    for step in reversed(steps[:2]):
        step()


def numbered():
    for index, step in enumerate((one, two)):
        step()


run()
numbered()
