def one():
    return 1


def two():
    return 2


steps = [one]
steps += [two]


def run():
    for step in steps:
        step()


run()
