def left():
    return 1


def right():
    return 2


def pick(flag):
    return (left if flag else right)()


def either(value):
    return value or right()


def both(value):
    return value and left()


pick(True)
pick(False)
either(0)
both(1)
