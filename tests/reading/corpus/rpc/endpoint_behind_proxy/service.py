import functools
import inspect

import oslo_messaging
import transport
from manager import ComputeManager


class Tracking:
    def __init__(self, endpoint):
        self._endpoint = endpoint

    def __getattr__(self, name):
        attribute = getattr(self._endpoint, name)
        if not inspect.ismethod(attribute):
            setattr(self, name, attribute)
            return attribute

        @functools.wraps(attribute)
        def tracked(*args, **kwargs):
            return attribute(*args, **kwargs)

        setattr(self, name, tracked)
        return tracked


def start():
    target = oslo_messaging.Target(topic="compute", server="host-a")
    endpoints = [Tracking(ComputeManager())]
    server = oslo_messaging.get_rpc_server(transport.TRANSPORT, target, endpoints, executor="threading")
    server.start()
    return server


def stop(server):
    server.stop()
    server.wait()
