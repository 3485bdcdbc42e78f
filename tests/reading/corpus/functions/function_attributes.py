def handler():
    return 1


def fallback():
    return 2


def run():
    return run.handler() + run.fallback()


run.handler = handler
run.fallback = fallback
run()
