class Step:
    def __init__(self, function):
        self.function = function

    def __or__(self, other):
        return Chain(self, other)

    def run(self, value):
        return self.function(value)


class Chain(Step):
    def __init__(self, first, second):
        self.first = first
        self.second = second

    def run(self, value):
        return self.second.run(self.first.run(value))


def clean(value):
    return value


def parse(value):
    return value


pipeline = Step(clean) | Step(parse)
pipeline.run("a")
