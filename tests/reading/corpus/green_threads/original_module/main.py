# needs: eventlet.patcher
# also: main:Listener.start -> main:Listener.listen
from eventlet import patcher


class Listener:
    def __init__(self):
        self.native = patcher.original("threading")
        self.heard = []

    def start(self):
        self.thread = self.native.Thread(target=self.listen)
        self.thread.start()
        self.thread.join()

    def listen(self):
        self.note("event")

    def note(self, event):
        self.heard.append(event)


Listener().start()
