import functools


def fetch(target, progress=None):
    progress(target)
    return target


def report(text):
    return text


def start(function):
    return function("image")


start(functools.partial(fetch, progress=report))
