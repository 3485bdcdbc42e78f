import filters
from oslo_config import cfg

CONF = cfg.CONF
CONF.register_opts([cfg.ListOpt("corpus_filters", default=["RamFilter"])])


class HostManager:
    def __init__(self):
        self.handler = filters.FilterHandler()
        self.classes = {cls.__name__: cls for cls in self.handler.get_all_classes()}
        self.enabled = self._choose(CONF.corpus_filters)

    def _choose(self, names):
        return [self.classes[name]() for name in names]

    def filtered(self, hosts):
        return self.handler.get_filtered(self.enabled, hosts)
