class Top:
    def __init__(self):
        self.trail = ["top"]


class Left(Top):
    def __init__(self):
        super().__init__()
        self.trail.append("left")


class Right(Top):
    def __init__(self):
        super().__init__()
        self.trail.append("right")


class Bottom(Left, Right):
    def __init__(self):
        super().__init__()


Bottom()
