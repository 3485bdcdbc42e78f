import functools


class Notifier:
    def __init__(self):
        for level in ("info", "error"):
            setattr(self, level, functools.partial(self.notify, level))

    def notify(self, level, text):
        return deliver(level, text)


def deliver(level, text):
    return level + text


notifier = Notifier()
notifier.info("a")
notifier.error("b")
