class A:
    def go(self):
        return 1

    def stop(self):
        return 2


class B(A):
    def go(self):
        parent = super()
        run = parent.stop
        return parent.go() + run()


B().go()
