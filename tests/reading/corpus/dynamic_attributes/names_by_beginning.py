class Commands:
    def do_open(self):
        return "opened"

    def do_close(self):
        return "closed"

    def _do_nothing(self):
        return None

    def public(self):
        return [getattr(self, name)() for name in ("do_open", "_do_nothing") if not name.startswith("_")]

    def run(self):
        ran = []
        for name in dir(self):
            if not name.startswith("do_"):
                continue
            ran.append(getattr(self, name)())
        return ran


class Shop:
    def get_price(self):
        return 1

    def set_price(self):
        return 2

    def name(self):
        return "shop"


def call(shop, name):
    if name.startswith(("get_", "set_")):
        return getattr(shop, name)()
    return None


def read(shop, names):
    return list(getattr(shop, name)() for name in names if name.startswith("get_"))


Commands().public()
Commands().run()
call(Shop(), "get_price")
call(Shop(), "set_price")
call(Shop(), "name")
read(Shop(), ["get_price", "set_price", "name"])
