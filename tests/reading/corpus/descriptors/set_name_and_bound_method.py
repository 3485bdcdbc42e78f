import functools


class Action:
    def __init__(self, function):
        self.function = function

    def __set_name__(self, owner, name):
        self.name = name
        owner.actions = {**getattr(owner, "actions", {}), name: self}

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        return functools.partial(self.run, instance)

    def run(self, instance, *args):
        return self.function(instance, *args)


def start(instance):
    return instance


def stop(instance, reason):
    return reason


class Server:
    boot = Action(start)
    halt = Action(stop)


Server().boot()
Server().halt("late")
Server.actions["boot"].run(Server())
