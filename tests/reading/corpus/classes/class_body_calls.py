def make_field():
    return 1


def install(namespace):
    namespace["extra"] = extra


def extra(self):
    return self.name()


class Model:
    field = make_field()
    fields = [make_field() for _ in range(2)]
    install(locals())

    def name(self):
        return "model"


Model().extra()
