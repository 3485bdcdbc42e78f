import oslo_messaging as messaging
import transport


class ComputeAPI:
    def __init__(self):
        target = messaging.Target(topic="compute", version="6.0")
        self.client = messaging.get_rpc_client(transport.TRANSPORT, target)

    def reboot(self, ctxt, name):
        cctxt = self.client.prepare(server="host-a")
        return cctxt.call(ctxt, "reboot", name=name)
