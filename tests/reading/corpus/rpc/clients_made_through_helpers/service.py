import client
import oslo_messaging as messaging
import rpc
from manager import ComputeManager


def start():
    rpc.init(rpc.CONF)
    target = messaging.Target(topic=client.TOPIC, server="host-a")
    server = rpc.get_server(target, [ComputeManager()])
    server.start()
    return server


def stop(server):
    server.stop()
    server.wait()
