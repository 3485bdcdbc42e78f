import json


def encode(value):
    return str(value)


def dump(value):
    return json.dumps(value, default=encode)


def hook(mapping):
    return mapping


def load(text):
    return json.loads(text, object_hook=hook)


dump({"a": {1, 2}})
load('{"a": 1}')
