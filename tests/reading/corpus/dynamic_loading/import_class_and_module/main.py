# needs: oslo_utils
from oslo_utils import importutils


def run():
    kind = importutils.import_class("shapes.Circle")
    module = importutils.import_module("shapes")
    optional = importutils.try_import("shapes")
    return kind(2).area() + module.unit().area() + optional.none()


run()
