import importlib

import oslo_messaging
import transport

MANAGERS = {
    "compute": "managers.ComputeManager",
    "scheduler": "managers.SchedulerManager",
}


def import_class(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def start(topic):
    manager = import_class(MANAGERS[topic])()
    target = oslo_messaging.Target(topic=topic, server="host-a")
    server = oslo_messaging.get_rpc_server(transport.TRANSPORT, target, [manager], executor="threading")
    server.start()
    return server


def stop(server):
    server.stop()
    server.wait()
