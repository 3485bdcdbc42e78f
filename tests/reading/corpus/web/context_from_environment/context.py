from oslo_context import context


class Context(context.RequestContext):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.rules = self.load_rules()

    def load_rules(self):
        return {"show"}

    def may(self, action):
        return action in self.rules
