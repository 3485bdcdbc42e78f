from oslo_versionedobjects import base, fields


class Remote(base.VersionedObject):
    def obj_reset_changes(self, fields=None, recursive=False):
        self._changed_fields.clear()


@base.VersionedObjectRegistry.register
class Thing(Remote):
    fields = {"name": fields.StringField()}

    @classmethod
    @base.remotable
    def get(cls, context, name):
        return Thing(context, name=name)

    @base.remotable
    def save(self):
        return self.name
