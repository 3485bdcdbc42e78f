import functools


class bound:  # noqa: N801
    def __init__(self, function):
        self.function = function

    def __get__(self, instance, owner):
        return functools.partial(self, instance)

    def __call__(self, instance):
        return self.function(instance)


class Thing:
    @bound
    def act(self):
        return 1


Thing().act()
