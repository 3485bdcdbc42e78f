class Thing:
    def go(self):
        return 1


def patched(self):
    return self.extra()


def extra(self):
    return 2


def run():
    return Thing().go()


run()
Thing.go = patched
Thing.extra = extra
run()
