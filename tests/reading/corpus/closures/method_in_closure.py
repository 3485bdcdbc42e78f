class Service:
    def run(self):
        def attempt():
            return self.connect()

        return retry(attempt)

    def connect(self):
        return True


def retry(function):
    return function()


Service().run()
