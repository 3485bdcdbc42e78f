import oslo_messaging as messaging
import rpc

TOPIC = "compute-helpers"


class ComputeAPI:
    """Talks to the compute service."""

    def __init__(self):
        self._router = None

    @property
    def router(self):
        if self._router is None:
            target = messaging.Target(topic=TOPIC, version="5.0")
            client = self.get_client(target, "5.3")
            self._router = rpc.ClientRouter(client)
        return self._router

    def get_client(self, target, version_cap):
        return rpc.get_client(target, version_cap)

    def _prepare(self, context, host, version):
        client = self.router.client(context)
        return client.prepare(server=host, version=version)

    def pause(self, context, name):
        version = "5.0"
        cctxt = self._prepare(context, "host-a", version)
        cctxt.call(context, "pause", name=name)

    def resume(self, context, name):
        kw = {"name": name}
        client = self.router.client(context)
        cctxt = client.prepare(server="host-a", version="5.1")
        return cctxt.call(context, "resume", **kw)

    def snapshot(self, context, name, image):
        method = "snapshot"
        cctxt = self._prepare(context, "host-a", "5.2")
        return cctxt.call(context, method, name=name, image=image)
