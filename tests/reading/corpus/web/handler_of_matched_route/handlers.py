import webob.dec


@webob.dec.wsgify
def list_things(request):
    return webob.Response(describe(request))


@webob.dec.wsgify
def show_thing(request):
    return webob.Response(describe(request))


@webob.dec.wsgify
def remove_thing(request):
    return webob.Response("")


def describe(request):
    return request.path
