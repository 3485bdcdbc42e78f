ACTIONS = {"up": "raise_level", "down": "lower_level"}


class Level:
    def raise_level(self):
        return 1

    def lower_level(self):
        return -1


def change(level, name):
    return getattr(level, ACTIONS[name])()


change(Level(), "up")
change(Level(), "down")
