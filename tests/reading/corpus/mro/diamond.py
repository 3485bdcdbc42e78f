class Top:
    def go(self):
        return "top"


class Left(Top):
    pass


class Right(Top):
    def go(self):
        return "right"


class Bottom(Left, Right):
    pass


Bottom().go()
Left().go()
