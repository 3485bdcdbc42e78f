from tools import act


def run():
    return act()


run()
