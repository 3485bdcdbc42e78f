class A:
    pass


class Mixin:
    def close(self):
        return "mixin"


class B(A):
    def close(self):
        return super().close()


class C(B, Mixin):
    pass


C().close()
