import oslo_messaging
from transport import get_transport


class Notes:
    target = oslo_messaging.Target(version="1.1")

    def note(self, ctxt, text):
        return text

    def count(self, ctxt):
        return 1


def start():
    target = oslo_messaging.Target(topic="notes", server="host-a")
    server = oslo_messaging.get_rpc_server(get_transport(), target, [Notes()], executor="threading")
    server.start()
    return server


def stop(server):
    server.stop()
    server.wait()
