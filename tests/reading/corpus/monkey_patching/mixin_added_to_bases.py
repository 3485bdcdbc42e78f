class Extra:
    def help(self):
        return self.topic()


class Base:
    def topic(self):
        return 1


Combined = type("Combined", (Extra, Base), {})
Combined().help()
