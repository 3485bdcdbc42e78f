import base


class Child(base.Base):
    def step(self):
        return base.helper()


class Other(base.Middle):
    pass


Child().run()
Other().run()
