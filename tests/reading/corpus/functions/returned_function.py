def make():
    def made():
        return target()

    return made


def target():
    return 1


def choose(flag):
    if flag:
        return target
    return make()


make()()
choose(True)()
choose(False)()
