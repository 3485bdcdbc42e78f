class A:
    @property
    def value(self):
        return 1

    def go(self):
        return 2


class B(A):
    @property
    def value(self):
        return super().value + 1

    def go(self):
        def inner():
            return super(B, self).go()

        return inner() + self.value


B().go()
