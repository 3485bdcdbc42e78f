def one():
    return 1


def two():
    return 2


steps = [one, two]


def run_all():
    for step in steps:
        step()


def run_first():
    return steps[0]()


run_all()
run_first()
