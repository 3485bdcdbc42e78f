def action(name):
    def mark(function):
        function.action = name
        return function

    return mark


class Collecting(type):
    def __new__(mcs, name, bases, namespace):
        actions = {}
        for key, value in namespace.items():
            if getattr(value, "action", None):
                actions[value.action] = key
        namespace["actions"] = actions
        return super().__new__(mcs, name, bases, namespace)


class Servers(metaclass=Collecting):
    def helper(self):
        return "not an action"

    @action("os-start")
    def start(self):
        return "started"

    @action("os-stop")
    def stop(self):
        return "stopped"


class Resource:
    def __init__(self, controller):
        self.methods = {}
        for key, name in controller.actions.items():
            self.methods[key] = getattr(controller, name)

    def act(self, key):
        return self.methods[key]()


resource = Resource(Servers())
for wanted in ["os-start", "os-stop"]:
    resource.act(wanted)
