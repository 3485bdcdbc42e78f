import oslo_messaging as messaging
from oslo_config import cfg

CONF = cfg.CONF
TRANSPORT = None


def init(conf):
    global TRANSPORT
    conf([], project="corpus")
    TRANSPORT = messaging.get_rpc_transport(conf, url="fake://")


def get_client(target, version_cap=None):
    return messaging.get_rpc_client(TRANSPORT, target, version_cap=version_cap)


def get_server(target, endpoints):
    return messaging.get_rpc_server(TRANSPORT, target, endpoints, executor="threading")


class ClientRouter:
    def __init__(self, default_client):
        self.default_client = default_client
        self.target = default_client.target

    def client(self, context):
        return self.default_client
