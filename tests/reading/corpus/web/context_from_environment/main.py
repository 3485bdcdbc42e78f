# needs: oslo_context
# needs: webob
import webob
from context import Context


def authenticate(request):
    request.environ["things.context"] = Context.from_environ(request.environ)


def show(request):
    context = request.environ["things.context"]
    return context.may("show")


def answer(path):
    request = webob.Request.blank(path)
    authenticate(request)
    return show(request)


answer("/things")
