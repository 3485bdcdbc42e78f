import copy


class Properties:
    def __init__(self, given):
        self.given = given

    def get(self, name):
        return found(self.given, name)


def found(given, name):
    return given[name]


def as_object(image):
    image = copy.deepcopy(image)
    image["properties"] = Properties(image["properties"])
    return image


def of_dictionary(image):
    return image["properties"].get("size")


def of_object(image):
    return image["properties"].get("size")


def more(names):
    names = copy.copy(names)
    names.append(shout)
    return [name() for name in names]


def shout():
    return "!"


def whisper():
    return "?"


def run():
    image = {"name": "disk", "properties": {"size": 1}}
    of_object(as_object(image))
    of_dictionary(image)
    names = [whisper]
    more(names)
    return [name() for name in names]


run()
