def make(action):
    class Local:
        def go(self):
            return action()

    return Local


def act():
    return 1


make(act)().go()
