class Subject:
    def __init__(self):
        self.listeners = []

    def subscribe(self, listener):
        self.listeners.append(listener)

    def publish(self, event):
        for listener in self.listeners:
            listener(event)


class Screen:
    def update(self, event):
        return self.draw()

    def draw(self):
        return 1


def log(event):
    return event


subject = Subject()
subject.subscribe(Screen().update)
subject.subscribe(log)
subject.publish("changed")
