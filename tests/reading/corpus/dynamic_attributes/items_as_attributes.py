class Options(dict):
    def __init__(self, **given):
        super().__init__(**given)
        self.__dict__ = self


class Settings:
    def __init__(self, values):
        self.__dict__ = values

    def apply(self):
        return self.action()


def start():
    return "started"


def stop():
    return "stopped"


def pause():
    return "paused"


options = Options(begin=start)
options.begin()
options.end = stop
options["end"]()
values = {"action": pause}
Settings(values).apply()
