import functools

import routes
import routes.middleware
import webob.dec
from controllers import FlavorsController, ServersController
from wsgi_resource import Resource


def _create_controller(main_controller):
    return Resource(main_controller())


servers = functools.partial(_create_controller, ServersController)
flavors = functools.partial(_create_controller, FlavorsController)

ROUTE_LIST = (
    ("/servers", {"GET": [servers, "index"], "POST": [servers, "create"]}),
    ("/flavors/{id}", {"GET": [flavors, "show"]}),
)


class APIRouter:
    def __init__(self):
        self.map = routes.Mapper()
        for path, methods in ROUTE_LIST:
            for method, (factory, action) in methods.items():
                controller = factory()
                self.map.connect(path, controller=controller, action=action, conditions={"method": [method]})
        self._router = routes.middleware.RoutesMiddleware(self._dispatch, self.map)

    @webob.dec.wsgify
    def __call__(self, request):
        return self._router

    @staticmethod
    @webob.dec.wsgify
    def _dispatch(request):
        match = request.environ["wsgiorg.routing_args"][1]
        return match["controller"]
