class First:
    def __enter__(self):
        return "first"

    def __exit__(self, *error):
        return None


class Second:
    def __enter__(self):
        return "second"

    def __exit__(self, *error):
        return None


def work():
    return 1


def together():
    with First() as a, Second() as b:
        return work(), a, b


def inside():
    with First():
        with Second():
            return work()


together()
inside()
