import oslo_messaging
import transport
from endpoints import BaseEndpoint, ConductorManager


def start():
    manager = ConductorManager()
    endpoints = [manager, BaseEndpoint()]
    endpoints.extend(manager.additional_endpoints)
    target = oslo_messaging.Target(topic="conductor", server="host-a")
    server = oslo_messaging.get_rpc_server(transport.TRANSPORT, target, endpoints, executor="threading")
    server.start()
    return server


def stop(server):
    server.stop()
    server.wait()
