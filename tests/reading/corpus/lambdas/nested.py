def leaf():
    return 1


def curry():
    return lambda: lambda: leaf()


curry()()()
