import inspect
import os
import sys

from oslo_utils import importutils


class BaseLoader:
    def __init__(self, loadable_cls_type):
        module = sys.modules[self.__class__.__module__]
        self.path = module.__path__[0]
        self.package = module.__package__
        self.loadable_cls_type = loadable_cls_type

    def _is_correct_class(self, obj):
        return inspect.isclass(obj) and obj is not self.loadable_cls_type and issubclass(obj, self.loadable_cls_type)

    def _get_classes_from_module(self, module_name):
        module = importutils.import_module(module_name)
        return [obj for _, obj in inspect.getmembers(module) if self._is_correct_class(obj)]

    def get_all_classes(self):
        classes = []
        for name in sorted(os.listdir(self.path)):
            root, extension = os.path.splitext(name)
            if extension == ".py" and root != "__init__":
                classes.extend(self._get_classes_from_module(f"{self.package}.{root}"))
        return classes
