def on_value(error):
    return 1


def on_key(error):
    return 2


HANDLERS = {ValueError: on_value, KeyError: on_key}


def run(kind):
    try:
        raise kind
    except Exception as error:
        return HANDLERS[type(error)](error)


run(ValueError)
run(KeyError)
