def target():
    return 1


def use(factory=lambda: target()):
    return factory()


use()
