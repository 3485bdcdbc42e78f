# needs: routes
import webob
from router import APIRouter


def run():
    router = APIRouter()
    for method, path in (("GET", "/servers"), ("POST", "/servers"), ("GET", "/flavors/7")):
        webob.Request.blank(path, method=method).get_response(router)


run()
