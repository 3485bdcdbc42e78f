# needs: oslo_messaging
import service
from client import WorkerAPI

server = service.start("worker", "host-a")
api = WorkerAPI()
api.build({}, "x")
api.describe({}, "y")
api.finish({})
service.stop(server)
