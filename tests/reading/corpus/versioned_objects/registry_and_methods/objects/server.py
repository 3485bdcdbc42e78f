from objects import base
from oslo_versionedobjects import fields


@base.Registry.register
class Server(base.BaseObject):
    fields = {"name": fields.StringField()}

    def save(self):
        self.touch()
        return self.obj_reset_changes()

    @classmethod
    def get_by_name(cls, name):
        return cls._from_row({"name": name})

    @classmethod
    def _from_row(cls, row):
        return cls(name=row["name"])

    def describe(self):
        return self.name
