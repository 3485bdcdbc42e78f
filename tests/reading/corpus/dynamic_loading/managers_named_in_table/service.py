from oslo_utils import importutils

MANAGERS = {"corpus-compute": "managers.ComputeManager", "corpus-idle": "managers.IdleManager"}


class Service:
    def __init__(self, binary):
        manager_class = importutils.import_class(MANAGERS[binary])
        self.manager = manager_class()

    def start(self):
        return self.manager.init_host()

    def __getattr__(self, name):
        return getattr(self.__dict__["manager"], name)
