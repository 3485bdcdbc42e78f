class Suite:
    def check_one(self):
        return 1

    def check_two(self):
        return 2

    def run(self):
        for name in dir(self):
            if name.startswith("check_"):
                getattr(self, name)()


Suite().run()
