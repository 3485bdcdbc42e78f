class Controller:
    def guarded(function):  # noqa: N805
        def wrapper(self):
            self.check()
            return function(self)

        return wrapper

    @guarded
    def index(self):
        return 1

    def check(self):
        return True


Controller().index()
