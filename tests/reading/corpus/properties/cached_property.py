import functools


class Page:
    @functools.cached_property
    def content(self):
        return self.load()

    def load(self):
        return "text"

    def show(self):
        return self.content


Page().show()
