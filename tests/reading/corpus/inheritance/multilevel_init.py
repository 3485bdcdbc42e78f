class A:
    def __init__(self):
        self.setup()

    def setup(self):
        self.value = 1


class B(A):
    def __init__(self):
        A.__init__(self)


class C(B):
    def __init__(self):
        super(C, self).__init__()

    def setup(self):
        super().setup()


C()
