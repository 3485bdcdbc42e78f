import oslo_messaging as messaging
import transport


class BaseAPI:
    def __init__(self, topic):
        target = messaging.Target(topic=topic, namespace="baseapi", version="1.0")
        self.client = messaging.get_rpc_client(transport.TRANSPORT, target)

    def ping(self, context):
        return self.client.prepare().call(context, "ping")


class ConductorAPI:
    def __init__(self):
        target = messaging.Target(topic="conductor", version="3.0")
        self.client = messaging.get_rpc_client(transport.TRANSPORT, target)

    def update(self, context):
        cctxt = self.client.prepare()
        return cctxt.call(context, "update")


class TaskAPI:
    def __init__(self):
        target = messaging.Target(topic="conductor", namespace="tasks", version="1.0")
        self.client = messaging.get_rpc_client(transport.TRANSPORT, target)

    def migrate(self, context):
        cctxt = self.client.prepare(version="1.2", timeout=5)
        return cctxt.call(context, "migrate")
