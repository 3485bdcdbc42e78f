# needs: oslo_messaging
import service
from client import WorkerAPI

server = service.start()
api = WorkerAPI()
api.note({}, "x")
api.count({})
service.stop(server)
