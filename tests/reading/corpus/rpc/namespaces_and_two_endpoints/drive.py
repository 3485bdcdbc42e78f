# needs: oslo_messaging
import service
from client import BaseAPI, ConductorAPI, TaskAPI

server = service.start()
ConductorAPI().update({})
TaskAPI().migrate({})
BaseAPI("conductor").ping({})
service.stop(server)
