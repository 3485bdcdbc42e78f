# needs: routes
# needs: webob
import handlers
import routes
import webob

ROUTES = {
    "/things": {"GET": handlers.list_things},
    "/things/{name}": {"GET": handlers.show_thing, "DELETE": handlers.remove_thing},
}


def make_map(table):
    mapper = routes.Mapper()
    for path, methods in table.items():
        for method in methods:
            mapper.connect(path, action=methods[method], conditions={"method": [method]})
    return mapper


def dispatch(environ, start_response, mapper):
    result = mapper.match(environ=environ)
    handler = result.pop("action")
    environ["wsgiorg.routing_args"] = ((), result)
    return handler(environ, start_response)


class Service:
    def __init__(self):
        self._map = make_map(ROUTES)

    def __call__(self, environ, start_response):
        return dispatch(environ, start_response, self._map)


def ask(method, path):
    return webob.Request.blank(path, method=method).get_response(Service())


ask("GET", "/things")
ask("GET", "/things/a")
ask("DELETE", "/things/a")
