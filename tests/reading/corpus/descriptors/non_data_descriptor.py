class Lazy:
    def __init__(self, function):
        self.function = function

    def __get__(self, instance, owner):
        return self.function(instance)


class Config:
    @Lazy
    def path(self):
        return self.default()

    def default(self):
        return "/"


Config().path
