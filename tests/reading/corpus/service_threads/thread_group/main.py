# needs: oslo_service
from oslo_service import threadgroup


class Service:
    def __init__(self):
        self.group = threadgroup.ThreadGroup()

    def start(self):
        self.group.add_thread(self._serve, "a")
        self.group.wait()

    def _serve(self, name):
        return name


service = Service()
service.start()
