class Shared:
    _state = {}

    def __init__(self):
        self.__dict__ = self._state


class Setter(Shared):
    def set(self, action):
        self.action = action


class User(Shared):
    def use(self):
        return self.action()


def act():
    return 1


Setter().set(act)
User().use()
