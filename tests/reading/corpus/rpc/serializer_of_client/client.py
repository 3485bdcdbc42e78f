import oslo_messaging as messaging
from serializing import Tokens
from transport import get_transport


class WorkerAPI:
    def __init__(self):
        target = messaging.Target(topic="notes", version="1.0")
        self.client = messaging.get_rpc_client(get_transport(), target, serializer=Tokens())

    def note(self, ctxt, text):
        self.client.cast(ctxt, "note", text=text)

    def count(self, ctxt):
        return self.client.prepare(version="1.1").call(ctxt, "count")
