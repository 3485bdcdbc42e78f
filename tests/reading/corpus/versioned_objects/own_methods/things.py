from oslo_versionedobjects import base, fields


class Size(fields.FieldType):
    def coerce(self, obj, attr, value):
        return int(value)

    def to_primitive(self, obj, attr, value):
        return str(value)

    def from_primitive(self, obj, attr, value):
        return int(value)


class SizeField(fields.AutoTypedField):
    AUTO_TYPE = Size()


@base.VersionedObjectRegistry.register
class Part(base.VersionedObject):
    fields = {"size": SizeField()}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)

    def obj_what_changed(self):
        return super().obj_what_changed()

    def obj_reset_changes(self, fields=None, recursive=False):
        super().obj_reset_changes(fields, recursive)

    def weigh(self):
        return 1


@base.VersionedObjectRegistry.register
class Box(base.VersionedObject):
    fields = {"part": fields.ObjectField("Part"), "name": fields.StringField()}

    @classmethod
    def filled(cls):
        part = Part()
        part.size = "3"
        return cls(part=part, name="a")
