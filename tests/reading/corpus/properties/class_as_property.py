class Real:
    def work(self):
        return "done"


class Proxy:
    def __init__(self, target):
        self.target = target

    @property
    def __class__(self):
        return self.target.__class__


class Open:
    def __init__(self, target):
        self.target = target

    @property
    def __class__(self):
        return Real


def is_real(value):
    return isinstance(value, Real)


def is_own(value):
    return isinstance(value, Proxy)


def named(value):
    return value.__class__.__name__


def worked(value):
    return value.__class__().work()


is_real(Proxy(Real()))
is_own(Proxy(Real()))
named(Proxy(Real()))
worked(Open(1))
