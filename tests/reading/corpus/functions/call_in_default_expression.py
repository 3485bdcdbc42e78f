def compute():
    return 3


def with_default(value=compute()):
    return value


class Holder:
    limit = compute()

    def read(self, bound=compute()):
        return bound


with_default()
Holder().read()
