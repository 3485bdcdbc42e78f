import webob.dec


class Audit:
    @classmethod
    def factory(cls, global_conf, **local_conf):
        def make(application):
            return cls(application)

        return make

    def __init__(self, application):
        self.application = application

    @webob.dec.wsgify
    def __call__(self, request):
        return self.application
