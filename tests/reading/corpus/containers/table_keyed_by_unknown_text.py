# also: table_keyed_by_unknown_text:pick -> table_keyed_by_unknown_text:second
import os


def first():
    return 1


def second():
    return 2


def pick(name):
    return {"first": first, "second": second}[name]()


def asked():
    name = os.environ.get("A_NAME_THAT_NOBODY_SETS", "first")
    return pick(name)


pick("first")
asked()
