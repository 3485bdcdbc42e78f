class Query:
    def where(self):
        return self

    def order(self):
        return Ordered()


class Ordered:
    def first(self):
        return 1


def build():
    return Query().where().where().order().first()


build()
