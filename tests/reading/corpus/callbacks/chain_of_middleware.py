def logging_layer(handler):
    def layer(request):
        log(request)
        return handler(request)

    return layer


def auth_layer(handler):
    def layer(request):
        check(request)
        return handler(request)

    return layer


def log(request):
    return request


def check(request):
    return True


def application(request):
    return "ok"


def build():
    handler = application
    for layer in (logging_layer, auth_layer):
        handler = layer(handler)
    return handler


build()("get")
