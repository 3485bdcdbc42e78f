def act():
    return 1


class Thing:
    def go(self):
        return _hidden()


def _hidden():
    return 2
