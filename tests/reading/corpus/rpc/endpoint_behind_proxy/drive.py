# needs: oslo_messaging
import service
from client import ComputeAPI

server = service.start()
ComputeAPI().reboot({}, "x")
service.stop(server)
