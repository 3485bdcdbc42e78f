class Json:
    def dump(self):
        return "{}"


class Yaml:
    def dump(self):
        return "-"


FORMATS = {"json": Json, "yaml": Yaml}


def dump(name):
    return FORMATS[name]().dump()


dump("json")
dump("yaml")
