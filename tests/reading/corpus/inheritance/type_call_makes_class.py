def go(self):
    return self.name()


class Base:
    def name(self):
        return 1


Made = type("Made", (Base,), {"go": go})
Made().go()
