import oslo_messaging as messaging
from transport import get_client


class WorkerAPI:
    def __init__(self):
        target = messaging.Target(topic="worker", version="2.0")
        self.client = get_client(target)

    def build(self, ctxt, name):
        cctxt = self.client.prepare(version="2.1")
        cctxt.cast(ctxt, "build", name=name)

    def describe(self, ctxt, name):
        cctxt = self.client.prepare()
        return cctxt.call(ctxt, "describe", name=name)

    def finish(self, ctxt):
        return self.client.call(ctxt, "finish")
