class Host:
    def __init__(self, handler):
        self._handler = handler

    def emit(self, event):
        if self._handler:
            self._handler(event)


class Driver:
    def __init__(self):
        self._callback = None
        self.host = Host(self.emit_event)

    def register_event_listener(self, callback):
        self._callback = callback

    def emit_event(self, event):
        self._callback(event)


class Manager:
    def __init__(self):
        self.driver = Driver()
        self.driver.register_event_listener(self.handle_events)

    def handle_events(self, event):
        return event


Manager().driver.host.emit("started")
