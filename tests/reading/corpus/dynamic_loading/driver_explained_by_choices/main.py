# needs: oslo_config
# needs: oslo_utils
# also: main:Counter.count -> drivers:NoDriver.count
from oslo_config import cfg
from oslo_utils import importutils

CONF = cfg.CONF
CONF.register_opts(
    [
        cfg.StrOpt(
            "counter",
            default="drivers.TableDriver",
            choices=[("drivers.TableDriver", "keeps a table"), ("drivers.NoDriver", "counts nothing")],
        )
    ],
    group="shop",
)


class Counter:
    def count(self):
        return importutils.import_object(CONF.shop.counter).count()


CONF([])
Counter().count()
