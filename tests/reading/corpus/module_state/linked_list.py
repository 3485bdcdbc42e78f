class Link:
    def __init__(self, action, following):
        self.action = action
        self.following = following

    def run(self):
        self.action()
        if self.following:
            self.following.run()


def one():
    return 1


def two():
    return 2


Link(one, Link(two, None)).run()
