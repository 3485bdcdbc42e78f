import oslo_messaging
from manager import WorkerManager
from transport import get_transport


def start(topic, host):
    target = oslo_messaging.Target(topic=topic, server=host)
    server = oslo_messaging.get_rpc_server(get_transport(), target, [WorkerManager()], executor="threading")
    server.start()
    return server


def stop(server):
    server.stop()
    server.wait()
