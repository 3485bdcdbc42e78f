def act():
    return 1


class Holder:
    @property
    def action(self):
        return act

    def run(self):
        return self.action()


Holder().run()
