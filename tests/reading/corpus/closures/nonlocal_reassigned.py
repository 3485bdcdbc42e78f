def start():
    return 1


def stop():
    return 2


def machine():
    state = start

    def advance():
        nonlocal state
        state = stop

    def run():
        return state()

    run()
    advance()
    run()


machine()
