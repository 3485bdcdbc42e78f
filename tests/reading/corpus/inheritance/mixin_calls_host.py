class LogMixin:
    def log(self):
        return self.describe()


class Item(LogMixin):
    def describe(self):
        return "item"


class Other(LogMixin):
    def describe(self):
        return "other"


Item().log()
Other().log()
