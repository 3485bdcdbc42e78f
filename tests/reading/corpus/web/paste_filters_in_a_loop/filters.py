import webob.dec


class Middleware:
    @classmethod
    def factory(cls, global_conf, **local_conf):
        def make(application):
            return cls(application, **local_conf)

        return make

    def __init__(self, application):
        self.application = application


class Audit(Middleware):
    @webob.dec.wsgify
    def __call__(self, request):
        return request.get_response(self.application)


class Limit(Middleware):
    @webob.dec.wsgify
    def __call__(self, request):
        return request.get_response(self.application)


class Fence(Middleware):
    @webob.dec.wsgify
    def __call__(self, request):
        return request.get_response(self.application)
