class Context:
    def __init__(self, session):
        self.session = session


class Session:
    def execute(self):
        return 1


class Repository:
    def load(self, context):
        return context.session.execute()


class Api:
    def __init__(self):
        self.repository = Repository()

    def show(self, context):
        return self.repository.load(context)


Api().show(Context(Session()))
