class Real:
    def go(self):
        return 1


class Fallback:
    def go(self):
        return 2


def load(broken):
    try:
        if broken:
            raise OSError
        source = Real()
    except OSError:
        source = Fallback()
    return source.go()


load(False)
load(True)
