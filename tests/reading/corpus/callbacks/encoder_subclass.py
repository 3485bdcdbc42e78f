import json


class Encoder(json.JSONEncoder):
    def default(self, value):
        return plain(value)


def plain(value):
    return str(value)


def write(value):
    return json.dumps(value, cls=Encoder)


write({1: object})
