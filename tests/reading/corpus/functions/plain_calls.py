def leaf():
    return 1


def middle():
    return leaf() + leaf()


def top():
    return middle()


top()
