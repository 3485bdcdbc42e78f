class TableDriver:
    def count(self):
        return 1


class NoDriver:
    def count(self):
        return 0
