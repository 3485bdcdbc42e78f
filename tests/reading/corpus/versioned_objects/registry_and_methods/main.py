# needs: oslo_versionedobjects
import objects

objects.register_all()


def run():
    server = objects.Server(name="a")
    server.save()
    return objects.Server.get_by_name("b").describe()


run()
