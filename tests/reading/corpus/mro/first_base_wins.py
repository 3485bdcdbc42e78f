class A:
    def go(self):
        return "a"


class B:
    def go(self):
        return "b"

    def only(self):
        return self.go()


class C(A, B):
    pass


C().go()
C().only()
