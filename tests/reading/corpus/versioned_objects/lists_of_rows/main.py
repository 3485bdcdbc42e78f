# needs: oslo_versionedobjects
import objects


def run():
    servers = objects.ServerList.get_all("context")
    for server in servers:
        server.describe()
    copied = servers[0].obj_clone()
    copied.describe()
    again = objects.Server.obj_from_primitive(copied.obj_to_primitive())
    again.describe()


run()
