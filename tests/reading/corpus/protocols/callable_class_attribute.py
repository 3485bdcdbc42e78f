class Handler:
    def __call__(self, value):
        return self.process(value)

    def process(self, value):
        return value


class Service:
    handle = Handler()

    def run(self):
        return self.handle(1)


Service().run()
