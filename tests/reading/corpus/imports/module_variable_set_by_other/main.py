import state


def handler():
    return 1


state.fire()
state.callback = handler
state.fire()
