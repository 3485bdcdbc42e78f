import functools


def expected_errors(*codes):
    def decorator(function):
        @functools.wraps(function)
        def wrapped(*args, **kwargs):
            return function(*args, **kwargs)

        return wrapped

    return decorator


def response(code):
    def decorator(function):
        function.code = code
        return function

    return decorator


def schema(body):
    def decorator(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            check(body)
            return function(*args, **kwargs)

        return wrapper

    return decorator


def check(body):
    return body
