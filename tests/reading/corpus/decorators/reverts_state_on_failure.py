import functools


def reverts_state(function):
    @functools.wraps(function)
    def decorated_function(self, context, *args, **kwargs):
        try:
            return function(self, context, *args, **kwargs)
        except ValueError:
            self._revert(context)
            raise

    return decorated_function


def wrap_event(prefix):
    def helper(function):
        @functools.wraps(function)
        def decorated_function(self, context, *args, **kwargs):
            with Event(context, prefix + function.__name__):
                return function(self, context, *args, **kwargs)

        return decorated_function

    return helper


class Event:
    def __init__(self, context, name):
        self.name = name

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return self.finish()

    def finish(self):
        return False


class Manager:
    @reverts_state
    @wrap_event(prefix="compute_")
    def build(self, context, broken):
        return self._do_build(broken)

    def _do_build(self, broken):
        if broken:
            raise ValueError

    def _revert(self, context):
        return context


def run():
    manager = Manager()
    manager.build(None, False)
    try:
        manager.build(None, True)
    except ValueError:
        return None


run()
