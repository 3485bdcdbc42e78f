import webob.dec
import wsgi


class Controller:
    @wsgi.response(202)
    @wsgi.expected_errors(400, 403)
    @wsgi.schema({})
    def create(self, request):
        return "created"


class Application:
    def __init__(self, controller):
        self.controller = controller

    @webob.dec.wsgify
    def __call__(self, request):
        return self.controller.create(request)


application = Application(Controller())
