import oslo_messaging
from oslo_config import cfg

CONF = cfg.CONF
TRANSPORT = None


def get_transport():
    global TRANSPORT
    if TRANSPORT is None:
        CONF([], project="corpus")
        TRANSPORT = oslo_messaging.get_rpc_transport(CONF, url="fake://")
    return TRANSPORT


def get_client(target):
    return oslo_messaging.get_rpc_client(get_transport(), target)
