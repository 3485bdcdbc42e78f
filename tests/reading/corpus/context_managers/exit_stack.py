import contextlib


class Resource:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def use(self):
        return 1


def clean_up(name):
    return name


def run():
    with contextlib.ExitStack() as stack:
        resource = stack.enter_context(Resource())
        stack.callback(clean_up, "a")
        return resource.use()


run()
