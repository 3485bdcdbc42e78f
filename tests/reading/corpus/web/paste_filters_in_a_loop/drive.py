# needs: paste.deploy
import pathlib

import webob
from paste import deploy

config = str(pathlib.Path(__file__).with_name("api-paste.ini"))
webob.Request.blank("/").get_response(deploy.loadapp("config:" + config, name="main"))
webob.Request.blank("/?closed=1").get_response(deploy.loadapp("config:" + config, name="main"))
