from keystoneauth1 import adapter


class Things:
    def __init__(self, session):
        self._adapter = adapter.Adapter(session, service_type="things")

    def get(self, url):
        return self._adapter.get(url)

    def put(self, url, body):
        return self._adapter.put(url, json=body)

    def all(self):
        return self.get("/things?limit=10")

    def one(self, name):
        return self.get("/things/%s" % name)

    def parts(self, name):
        return self.get(f"/things/{name}/parts")

    def rename_part(self, name, part):
        return self.put(f"/things/{name}/parts/{part}", {"name": "new"})

    def drop_one(self, name):
        return self._adapter.delete("/things/" + name)


def use(things):
    things.all()
    things.one("a")
    things.parts("a")
    things.rename_part("a", "b")
    things.drop_one("a")
