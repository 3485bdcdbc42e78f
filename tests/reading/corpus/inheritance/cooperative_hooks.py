class Stage:
    def prepare(self):
        return ["stage"]


class Cached(Stage):
    def prepare(self):
        return [*super().prepare(), "cached"]


class Logged(Stage):
    def prepare(self):
        return [*super().prepare(), "logged"]


class Both(Cached, Logged):
    def prepare(self):
        return [*super().prepare(), "both"]


Both().prepare()
