import types


class Thing:
    def go(self):
        return 1


def special(self):
    return self.go()


thing = Thing()
thing.special = types.MethodType(special, thing)
thing.special()
