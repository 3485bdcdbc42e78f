from oslo_versionedobjects import base, fields


@base.VersionedObjectRegistry.register
class Flavor(base.VersionedObject):
    fields = {"vcpus": fields.IntegerField()}

    def label(self):
        return self.vcpus


@base.VersionedObjectRegistry.register
class Instance(base.VersionedObject):
    fields = {
        "name": fields.StringField(),
        "flavor": fields.ObjectField("Flavor"),
    }

    def obj_load_attr(self, attrname):
        self._load_flavor()

    def _load_flavor(self):
        self.flavor = Flavor(vcpus=1)
