def forward(function, *args, **kwargs):
    return function(*args, **kwargs)


def target(callback, option=None):
    option()
    return callback()


def done():
    return 1


def extra():
    return 2


forward(target, done, option=extra)
