# needs: webob
import webob
from app import application


def run():
    return webob.Request.blank("/").get_response(application)


run()
