from oslo_versionedobjects import base, fields


class Size(fields.FieldType):
    def coerce(self, obj, attr, value):
        return int(value)

    def to_primitive(self, obj, attr, value):
        return str(value)

    @staticmethod
    def from_primitive(obj, attr, value):
        return read(value)


def read(value):
    return int(value)


class Base(base.VersionedObject):
    pass


@base.VersionedObjectRegistry.register
class Lid(Base):
    fields = {"colour": fields.StringField()}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.closed = True


@base.VersionedObjectRegistry.register
class Box(Base):
    fields = {"size": fields.Field(Size()), "lid": fields.ObjectField("Lid")}

    @classmethod
    def _obj_from_primitive(cls, context, objver, primitive):
        return super()._obj_from_primitive(context, objver, primitive)
