# needs: oslo_messaging
import service
from client import ComputeAPI, SchedulerAPI

servers = [service.start("compute"), service.start("scheduler")]
SchedulerAPI().refresh({})
ComputeAPI().refresh({}, "host-a")
for server in servers:
    service.stop(server)
