import collections
from typing import NamedTuple

Route = collections.namedtuple("Route", ["path", "handler"])


def index():
    return 1


def show():
    return 2


class Command(NamedTuple):
    name: str
    action: object

    def run(self):
        return self.action()


def serve():
    route = Route("/", index)
    return route.handler()


def split():
    path, handler = Route("/show", show)
    return handler()


serve()
split()
Command("x", show).run()
