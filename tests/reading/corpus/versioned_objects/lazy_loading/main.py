# needs: oslo_versionedobjects
from instance import Flavor, Instance


def flavor_name():
    instance = Instance(name="a")
    return instance.flavor.label()


def name_only():
    return Instance(name="b").name


flavor_name()
name_only()
