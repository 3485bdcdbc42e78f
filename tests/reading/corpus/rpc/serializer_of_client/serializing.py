import oslo_messaging as messaging


class Tokens(messaging.Serializer):
    def serialize_context(self, ctxt):
        return plain(ctxt)

    def deserialize_context(self, ctxt):
        return ctxt

    def serialize_entity(self, ctxt, entity):
        return entity

    def deserialize_entity(self, ctxt, entity):
        return self.restored(entity)

    def restored(self, entity):
        return entity


def plain(ctxt):
    return dict(ctxt)
