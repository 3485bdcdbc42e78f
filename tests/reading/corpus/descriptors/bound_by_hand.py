class Service:
    @classmethod
    def build(cls):
        return cls()

    @staticmethod
    def check():
        return True

    def run(self):
        return 1


class Checked:
    def __init__(self, inner):
        self.inner = inner

    def __get__(self, owner, kind=None):
        return self.inner.__get__(owner, kind)


class Wrapping:
    @Checked
    def plain(self):
        return 1

    @Checked
    @classmethod
    def of_class(cls):
        return cls

    @Checked
    @staticmethod
    def of_nobody():
        return None


def by_hand(name):
    return Service.__dict__[name].__get__(None, Service)()


by_hand("build")
by_hand("check")
Service.run.__get__(Service())()
Wrapping().plain()
Wrapping().of_class()
Wrapping.of_nobody()
