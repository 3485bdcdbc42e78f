from objects import base


@base.register
class Image:
    def load(self):
        return 2
