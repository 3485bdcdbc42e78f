class A:
    def go(self):
        return 1


class B:
    def go(self):
        return 2


def derive(base):
    class Derived(base):
        def run(self):
            return self.go()

    return Derived


derive(A)().run()
derive(B)().run()
