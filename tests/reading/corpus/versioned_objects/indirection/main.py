# needs: oslo_versionedobjects
from oslo_versionedobjects import base
from things import Remote, Thing


class Context:
    pass


class Elsewhere:
    """What would send the call to another process makes it here."""

    def object_action(self, context, objinst, objmethod, args, kwargs):
        method = getattr(objinst, objmethod).original_fn
        return {"obj_what_changed": set()}, method(objinst, *args, **kwargs)

    def object_class_action_versions(self, context, objname, objmethod, object_versions, args, kwargs):
        cls = base.VersionedObject.obj_class_from_name(objname, "1.0")
        return getattr(cls, objmethod).__func__.original_fn(cls, context, *args, **kwargs)


def fetch():
    return Thing.get(Context(), "a")


def run():
    thing = fetch()
    thing.save()


run()
Remote.indirection_api = Elsewhere()
run()
