import webob.dec


def action(name):
    def decorator(function):
        function.wsgi_action = name
        return function

    return decorator


class ControllerMetaclass(type):
    def __new__(mcs, name, bases, attributes):
        actions = {}
        for key, value in attributes.items():
            if callable(value) and getattr(value, "wsgi_action", None):
                actions[value.wsgi_action] = key
        attributes["wsgi_actions"] = actions
        return super().__new__(mcs, name, bases, attributes)


class ServersController(metaclass=ControllerMetaclass):
    @action("reboot")
    def _action_reboot(self, request):
        return "reboot"

    @action("resize")
    def _action_resize(self, request):
        return "resize"


class Resource:
    def __init__(self, controller):
        self.controller = controller
        self.actions = {}
        self.register_actions(controller)

    def register_actions(self, controller):
        for key, method_name in controller.wsgi_actions.items():
            self.actions[key] = getattr(controller, method_name)

    @webob.dec.wsgify
    def __call__(self, request):
        name = next(iter(request.json))
        return self.actions[name](request)
