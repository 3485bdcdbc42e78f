def helper(function):
    return function


passthrough = lambda function: helper(function)  # noqa: E731


@passthrough
def work():
    return 1


work()
