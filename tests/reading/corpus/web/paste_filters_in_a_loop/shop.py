import webob.dec


class Shop:
    @classmethod
    def factory(cls, global_conf, **local_conf):
        return cls()

    @webob.dec.wsgify
    def __call__(self, request):
        return self.serve()

    def serve(self):
        return "open"
