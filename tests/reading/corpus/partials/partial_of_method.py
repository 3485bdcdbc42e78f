import functools


class Notifier:
    def send(self, level, text):
        return level + text

    def levels(self):
        return [functools.partial(self.send, level) for level in ("info", "error")]


for send in Notifier().levels():
    send("x")
