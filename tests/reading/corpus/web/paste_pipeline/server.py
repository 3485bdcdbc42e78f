import webob
from paste import deploy


def load(config):
    return deploy.loadapp("config:" + config, name="public"), deploy.loadapp("config:" + config, name="main")


def serve(config):
    public, main = load(config)
    webob.Request.blank("/").get_response(public)
    webob.Request.blank("/").get_response(main)
