from oslo_config import cfg
from oslo_utils import importutils

OPTIONS = [cfg.StrOpt("corpus_driver", default="local.LocalDriver")]
CONF = cfg.CONF
CONF.register_opts(OPTIONS)


class Driver:
    def spawn(self, name):
        raise NotImplementedError


def load_driver():
    return importutils.import_object("drivers.%s" % CONF.corpus_driver)
