from oslo_versionedobjects import base, fields


@base.VersionedObjectRegistry.register
class Server(base.VersionedObject):
    fields = {"name": fields.StringField()}

    @staticmethod
    def _from_db_object(context, server, row):
        server.name = row["name"]
        server.loaded()
        return server

    @classmethod
    def _obj_from_primitive(cls, context, objver, primitive):
        self = super()._obj_from_primitive(context, objver, primitive)
        self.loaded()
        return self

    def loaded(self):
        self.obj_reset_changes()

    def describe(self):
        return self.name


@base.VersionedObjectRegistry.register
class ServerList(base.ObjectListBase, base.VersionedObject):
    fields = {"objects": fields.ListOfObjectsField("Server")}

    @classmethod
    def get_all(cls, context):
        return base.obj_make_list(context, cls(context), Server, rows())


def rows():
    return [{"name": "a"}, {"name": "b"}]
