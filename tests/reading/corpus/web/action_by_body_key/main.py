# needs: webob
import webob
from servers import Resource, ServersController


def post(resource, action):
    return webob.Request.blank("/action", json={action: None}, method="POST").get_response(resource)


def run():
    resource = Resource(ServersController())
    post(resource, "reboot")
    post(resource, "resize")


run()
