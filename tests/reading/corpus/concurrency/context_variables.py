import contextvars

current = contextvars.ContextVar("current")


def act():
    return 1


def use():
    return current.get()()


def run():
    current.set(act)
    return contextvars.copy_context().run(use)


run()
