def target():
    return 1


(lambda: target())()


def use():
    shout = lambda: target()  # noqa: E731
    return shout()


use()
