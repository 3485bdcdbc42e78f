class A:
    @classmethod
    def make(cls):
        return cls.build()

    @classmethod
    def build(cls):
        return cls()

    @staticmethod
    def helper():
        return 1


class B(A):
    @classmethod
    def make(cls):
        super().helper()
        return super().make()

    @classmethod
    def build(cls):
        return super().build()


B.make()
