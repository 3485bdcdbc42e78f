class Target:
    pass


def first():
    return 1


def second():
    return 2


def prepare(target):
    setattr(target, "first", first)
    target.__dict__["second"] = second


def use(target):
    return target.first() + target.second()


target = Target()
prepare(target)
use(target)
