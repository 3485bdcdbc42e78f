class ControllerMeta(type):
    @classmethod
    def __prepare__(mcs, name, bases):
        return {"prefix": mcs.prefix_of(name)}

    @staticmethod
    def prefix_of(name):
        return name.lower()

    def __new__(mcs, name, bases, namespace):
        cls = super().__new__(mcs, name, bases, namespace)
        cls.actions = {
            value.action: key for key, value in namespace.items() if hasattr(value, "action")
        }
        return cls


def action(name):
    def decorate(function):
        function.action = name
        return function

    return decorate


class Controller(metaclass=ControllerMeta):
    def dispatch(self, name):
        return getattr(self, self.actions[name])()


class Servers(Controller):
    @action("reboot")
    def restart(self):
        return 1

    @action("delete")
    def remove(self):
        return 2


Servers().dispatch("reboot")
Servers().dispatch("delete")
