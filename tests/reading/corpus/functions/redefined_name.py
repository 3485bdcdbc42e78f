def step():
    return early()


def early():
    return 1


def late():
    return 2


step()


def step():  # noqa: F811
    return late()


step()
