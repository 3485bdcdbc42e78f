import privileged


@privileged.context.entrypoint
def write(name):
    return _check(name)


@privileged.context.entrypoint_with_timeout(5)
def remove(name):
    return name


def _check(name):
    return name
