def default():
    return 0


callback = default


def fire():
    return callback()
