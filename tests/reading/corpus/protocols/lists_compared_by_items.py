class Address:
    def __init__(self, text):
        self.text = text

    def __eq__(self, other):
        return same(self.text, other.text)


class Addresses(list):
    pass


def same(one, other):
    return one == other


def changed(before, after):
    return before != after


def equal(before, after):
    return before == after


changed([Address("a")], [Address("b")])
equal(Addresses([Address("a")]), Addresses([Address("a")]))
