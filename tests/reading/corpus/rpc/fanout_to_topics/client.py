import oslo_messaging as messaging
import transport

COMPUTE_TOPIC = "compute"


class SchedulerAPI:
    topic = "scheduler"

    def __init__(self):
        target = messaging.Target(topic=self.topic, version="4.0")
        self.client = messaging.get_rpc_client(transport.TRANSPORT, target)

    def refresh(self, ctxt):
        cctxt = self.client.prepare(fanout=True)
        cctxt.cast(ctxt, "refresh")


class ComputeAPI:
    def __init__(self):
        target = messaging.Target(topic=COMPUTE_TOPIC, version="6.0")
        self.client = messaging.get_rpc_client(transport.TRANSPORT, target)

    def refresh(self, ctxt, host):
        version = "6.1"
        cctxt = self.client.prepare(server=host, version=version)
        return cctxt.call(ctxt, "refresh", host=host)
