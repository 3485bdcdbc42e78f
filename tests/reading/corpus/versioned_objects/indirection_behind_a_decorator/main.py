# needs: oslo_versionedobjects
from things import Remote, Thing


class Context:
    pass


class Elsewhere:
    """What would send the call to another process only takes it."""

    def object_class_action_versions(self, context, objname, objmethod, object_versions, args, kwargs):
        return None

    def object_action(self, context, objinst, objmethod, args, kwargs):
        return {"obj_what_changed": set()}, None


def run():
    Thing.get(Context(), "a")
    Thing.keep(Thing(Context(), name="b"))


run()
Remote.indirection_api = Elsewhere()
run()
