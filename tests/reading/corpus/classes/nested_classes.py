class Outer:
    class Inner:
        def __init__(self):
            self.value = compute()

        def get(self):
            return self.value

    def make(self):
        return self.Inner()


def compute():
    return 1


Outer.Inner().get()
Outer().make().get()
