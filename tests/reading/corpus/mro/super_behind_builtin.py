class Counted:
    def __init__(self, *args):
        self.count = len(args)

    def describe(self):
        return f"{type(self).__name__} {self.count}"


class Refused(Exception):
    def __init__(self, why):
        super(Exception, self).__init__(why)
        self.why = why


class CountedError(ValueError, Counted):
    def describe(self):
        return super().describe().upper()

    def __init__(self, *args):
        super(ValueError, self).__init__(*args)
        Counted.__init__(self, *args)


class Names(list, Counted):
    def describe(self):
        return super().describe()

    def count_anew(self):
        super(list, self).__init__(*self)
        return super().describe()


Refused("no")
CountedError(1, 2).describe()
Names("ab").count_anew()
names = Names("abc")
names.count = 3
names.describe()
