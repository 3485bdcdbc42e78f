class Guarded:
    def __setattr__(self, name, value):
        self.check(name)
        object.__setattr__(self, name, value)

    def __getattribute__(self, name):
        return object.__getattribute__(self, name)

    def __delattr__(self, name):
        object.__delattr__(self, name)

    def check(self, name):
        return name


guarded = Guarded()
guarded.value = 1
guarded.value
del guarded.value
