import objects
from objects import register_all

register_all()


def run():
    server = objects.Server()
    return server.save()


run()
objects.Image().load()
