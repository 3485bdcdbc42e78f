class Meta(type):
    def __new__(mcs, name, bases, namespace):
        namespace["made"] = mcs.mark()
        return super().__new__(mcs, name, bases, namespace)

    @staticmethod
    def mark():
        return True

    def __call__(cls, *args):
        return super().__call__(*args)


class Made(metaclass=Meta):
    def __init__(self):
        self.value = 1


Made()
