# needs: keystoneauth1
# needs: routes
# needs: webob
import client
import routes
import service
import webob


class Session:
    """Delivers requests to the service's handlers, as a network and a server would."""

    def __init__(self):
        self.mapper = routes.Mapper()
        for path, methods in service.ROUTES.items():
            for method in methods:
                self.mapper.connect(path, verb=method, path=path, conditions={"method": [method]})

    def request(self, url, method, **_):
        request = webob.Request.blank(url, method=method)
        found = self.mapper.match(environ=request.environ)
        return service.ROUTES[found["path"]][method](request)


things = client.Things(Session())
client.use(things)
