def act(self):
    return 1


def plain():
    return 2
