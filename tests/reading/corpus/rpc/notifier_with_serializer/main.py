# needs: oslo_messaging
import oslo_messaging as messaging
from oslo_config import cfg
from serializing import Plainly

CONF = cfg.CONF
CONF([], project="corpus")


def notifier():
    transport = messaging.get_notification_transport(CONF, url="fake://")
    return messaging.Notifier(transport, driver="noop", topics=[], serializer=Plainly())


def run():
    notifier().prepare(publisher_id="shop").info({}, "shop.opened", {"at": 9})


run()
