REGISTERED = []


def register(function):
    REGISTERED.append(function)
    return function


@register
def one():
    return 1


@register
def two():
    return 2


one()


def run_all():
    return [function() for function in REGISTERED]


run_all()
