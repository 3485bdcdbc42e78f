# needs: webob
import webob
import webob.dec


class Request(webob.Request):
    def __init__(self, environ, *args, **kwargs):
        super().__init__(environ, *args, **kwargs)
        self.language = chosen(environ)


def chosen(environ):
    return environ.get("HTTP_ACCEPT_LANGUAGE", "en")


class Shop:
    @webob.dec.wsgify(RequestClass=Request)
    def __call__(self, request):
        return self.welcome(request)

    def welcome(self, request):
        return request.language


class Guard:
    def __init__(self, application):
        self.application = application

    @webob.dec.wsgify
    def __call__(self, request):
        return request.get_response(self.application)


class Door:
    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        return self.application(environ, start_response)


def visit(application):
    return webob.Request.blank("/").get_response(application)


visit(Guard(Shop()))
visit(Door(Shop()))
