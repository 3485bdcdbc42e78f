class View:
    def show(self):
        return 1


class ServerView(View):
    def show(self):
        return 2


class ImageView(View):
    def show(self):
        return 3


class Controller:
    view_class = View

    def __init__(self):
        self.view = self.view_class()

    def fresh(self):
        return self.view_class()


class Servers(Controller):
    view_class = ServerView

    def index(self):
        return self.view.show()

    def again(self):
        return self.fresh().show()


class Images(Controller):
    view_class = ImageView

    def index(self):
        return self.view.show()

    def again(self):
        return self.fresh().show()


servers = Servers()
servers.index()
servers.again()
images = Images()
images.index()
images.again()
