from oslo_versionedobjects import base, fields


@base.VersionedObjectRegistry.register
class Thing(base.VersionedObject):
    fields = {"name": fields.StringField()}

    @base.remotable_classmethod
    def get(cls, context, name):
        return cls._build(context, name)

    @staticmethod
    def _build(context, name):
        return Thing(context, name=name)

    @base.remotable
    def save(self):
        return self._write()

    def _write(self):
        return self.name
