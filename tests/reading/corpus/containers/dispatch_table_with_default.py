def start():
    return 1


def stop():
    return 2


def unknown():
    return 0


COMMANDS = {"start": start, "stop": stop}


def dispatch(name):
    return COMMANDS.get(name, unknown)()


for name in ("start", "stop", "nothing"):
    dispatch(name)
