from oslo_versionedobjects import base, fields


def prepared(function):
    def wrapper(owner, *args):
        if callable(function):
            return function(owner, *args)
        return function.__get__(None, owner)(*args)

    return wrapper if callable(function) else classmethod(wrapper)


class Remote(base.VersionedObject):
    def obj_reset_changes(self, fields=None, recursive=False):
        self._changed_fields.clear()


@base.VersionedObjectRegistry.register
class Thing(Remote):
    fields = {"name": fields.StringField()}

    @prepared
    @classmethod
    @base.remotable
    def get(cls, context, name):
        return Thing(context, name=name)

    @prepared
    @base.remotable
    def keep(self):
        return self.name
