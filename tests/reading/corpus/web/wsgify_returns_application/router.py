import webob.dec
import webob.exc


class Servers:
    @webob.dec.wsgify
    def __call__(self, request):
        return self.index()

    def index(self):
        return "servers"


class Router:
    def __init__(self):
        self.servers = Servers()

    @webob.dec.wsgify
    def __call__(self, request):
        return self._dispatch(request)

    def _dispatch(self, request):
        return self.servers
