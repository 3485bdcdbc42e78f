HANDLERS = {}


def handles(name):
    def register(function):
        HANDLERS[name] = function
        return function

    return register


@handles("create")
def on_create():
    return 1


@handles("delete")
def on_delete():
    return 2


def dispatch(name):
    return HANDLERS[name]()


dispatch("create")
dispatch("delete")
