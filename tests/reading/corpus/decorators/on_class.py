def add_method(cls):
    cls.extra = extra
    return cls


def extra(self):
    return self.base()


@add_method
class Thing:
    def base(self):
        return 1


Thing().extra()
