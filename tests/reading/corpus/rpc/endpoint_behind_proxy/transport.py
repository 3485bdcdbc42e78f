import oslo_messaging
from oslo_config import cfg

CONF = cfg.CONF
CONF([], project="corpus")
TRANSPORT = oslo_messaging.get_rpc_transport(CONF, url="fake://")
