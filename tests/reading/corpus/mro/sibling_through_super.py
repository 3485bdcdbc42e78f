class Base:
    def handle(self):
        return []


class Auth(Base):
    def handle(self):
        return [self.check(), *super().handle()]

    def check(self):
        return "auth"


class Cache(Base):
    def handle(self):
        return [self.lookup(), *super().handle()]

    def lookup(self):
        return "cache"


class View(Auth, Cache):
    pass


class Reversed(Cache, Auth):
    pass


View().handle()
Reversed().handle()
