# needs: oslo_messaging
import service
from client import ComputeAPI

server = service.start()
api = ComputeAPI()
api.pause({}, "a")
api.resume({}, "a")
api.snapshot({}, "a", "b")
service.stop(server)
