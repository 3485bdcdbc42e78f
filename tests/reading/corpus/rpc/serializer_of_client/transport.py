import oslo_messaging
from oslo_config import cfg

CONF = cfg.CONF
TRANSPORTS = []


def get_transport():
    if not TRANSPORTS:
        CONF([], project="corpus")
        TRANSPORTS.append(oslo_messaging.get_rpc_transport(CONF, url="fake://"))
    return TRANSPORTS[0]
