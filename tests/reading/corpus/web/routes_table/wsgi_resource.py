import webob.dec


class Resource:
    def __init__(self, controller):
        self.controller = controller

    @webob.dec.wsgify
    def __call__(self, request):
        arguments = dict(request.environ["wsgiorg.routing_args"][1])
        arguments.pop("controller")
        action = arguments.pop("action")
        method = self.get_method(action)
        return self.dispatch(method, request, arguments)

    def get_method(self, action):
        return getattr(self.controller, action)

    def dispatch(self, method, request, arguments):
        return method(request, **arguments)
