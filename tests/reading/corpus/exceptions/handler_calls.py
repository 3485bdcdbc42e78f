def risky():
    raise ValueError("bad")


def recover():
    return 1


def clean():
    return 2


def otherwise():
    return 3


def run():
    try:
        risky()
    except ValueError:
        recover()
    finally:
        clean()


def calm():
    try:
        value = recover()
    except ValueError:
        return None
    else:
        otherwise()
    return value


run()
calm()
