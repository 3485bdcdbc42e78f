class ServersController:
    def index(self, request):
        return self._list()

    def _list(self):
        return "list"

    def create(self, request):
        return "created"


class FlavorsController:
    def show(self, request, id):
        return id
