# needs: oslo_config
# needs: oslo_utils
# also: main:Remote.copy -> drivers:RsyncDriver.copy
from oslo_config import cfg
from oslo_utils import importutils

GROUP = cfg.OptGroup("remote")
CONF = cfg.CONF


def register(conf):
    conf.register_group(GROUP)
    conf.register_opts([cfg.StrOpt("transport", default="ssh", choices=("ssh", "rsync"))], group=GROUP)


class Remote:
    def __init__(self):
        name = ".".join(["drivers", CONF.remote.transport.capitalize()])
        name += "Driver"
        self.driver = importutils.import_object(name)

    def copy(self):
        self.driver.copy()


register(CONF)
CONF([])
Remote().copy()
