# needs: webob
import webob
from middleware import Auth
from router import Router


def call(path):
    return webob.Request.blank(path).get_response(build())


def build():
    return Auth(Router())


call("/servers")
