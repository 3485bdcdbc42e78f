import weakref


class Owner:
    def finish(self):
        return done()


def done():
    return 1


def cleanup(name):
    return name


def use():
    owner = Owner()
    finalizer = weakref.finalize(owner, cleanup, "name")
    method = weakref.WeakMethod(owner.finish)
    method()()
    finalizer()


use()
