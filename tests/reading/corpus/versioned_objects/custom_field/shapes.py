from oslo_versionedobjects import base, fields


class Size(fields.FieldType):
    def coerce(self, obj, attr, value):
        return self._check(int(value))

    def _check(self, value):
        return value


class SizeField(fields.AutoTypedField):
    AUTO_TYPE = Size()


@base.VersionedObjectRegistry.register
class Shape(base.VersionedObject):
    fields = {"size": SizeField()}
