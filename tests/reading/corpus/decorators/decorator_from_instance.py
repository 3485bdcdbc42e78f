class App:
    def __init__(self):
        self.routes = {}

    def route(self, path):
        def decorate(function):
            self.routes[path] = function
            return function

        return decorate

    def handle(self, path):
        return self.routes[path]()


app = App()


@app.route("/")
def index():
    return "index"


@app.route("/about")
def about():
    return "about"


app.handle("/")
app.handle("/about")
