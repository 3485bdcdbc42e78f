# needs: stevedore
import monitors


class Handler:
    def __init__(self, wanted):
        self.wanted = wanted

    def load(self):
        return [monitor.measure() for monitor in monitors.load(self.is_wanted)]

    def is_wanted(self, extension):
        return self.matches(extension.name)

    def matches(self, name):
        return name in self.wanted


Handler(["first", "second"]).load()
