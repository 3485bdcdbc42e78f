def act():
    return 1


def use():
    return act()
