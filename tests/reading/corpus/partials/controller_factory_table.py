import functools


class Servers:
    def index(self):
        return "servers"


class Flavors:
    def index(self):
        return "flavors"


def build(main, extras):
    return main()


ROUTES = (
    ("/servers", functools.partial(build, Servers, [])),
    ("/flavors", functools.partial(build, Flavors, [])),
)


def setup():
    return {path: factory() for path, factory in ROUTES}


controllers = setup()
controllers["/servers"].index()
controllers["/flavors"].index()
