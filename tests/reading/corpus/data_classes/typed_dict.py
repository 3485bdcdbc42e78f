from typing import TypedDict


class Hooks(TypedDict, total=False):
    before: object
    after: object


def before():
    return 1


def after():
    return 2


def run(hooks: Hooks):
    hooks["before"]()
    if "after" in hooks:
        hooks["after"]()


run(Hooks(before=before, after=after))
