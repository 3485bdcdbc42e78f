class Fast:
    def run(self):
        return 1


class Slow:
    def run(self):
        return 2


def start(hurry):
    if hurry:
        runner = Fast()
    else:
        runner = Slow()
    return runner.run()


start(True)
start(False)
