from functools import partial


def call(callback, value):
    return callback(value)


def double(value):
    return value * 2


def run(job):
    return job(1)


run(partial(call, double))
