import functools

import oslo_messaging as messaging


def tracked(function):
    @functools.wraps(function)
    def wrapper(self, ctxt, *args, **kwargs):
        return function(self, ctxt, *args, **kwargs)

    return wrapper


class ComputeManager:
    target = messaging.Target(version="6.2")

    @messaging.expected_exceptions(KeyError)
    @tracked
    def reboot(self, ctxt, name):
        return name
