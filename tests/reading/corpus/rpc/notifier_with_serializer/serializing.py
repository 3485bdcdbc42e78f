import oslo_messaging as messaging


class Plainly(messaging.Serializer):
    def serialize_entity(self, ctxt, entity):
        return entity

    def deserialize_entity(self, ctxt, entity):
        return entity

    def serialize_context(self, ctxt):
        return self._plain(ctxt)

    def deserialize_context(self, ctxt):
        return ctxt

    def _plain(self, ctxt):
        return dict(ctxt)
