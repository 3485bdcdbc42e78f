class Handler:
    def do_get(self):
        return 1

    def do_post(self):
        return 2

    def handle(self, verb):
        return getattr(self, "do_" + verb)()

    def handle_format(self, verb):
        return getattr(self, "do_%s" % verb)()

    def handle_fstring(self, verb):
        return getattr(self, f"do_{verb}")()


handler = Handler()
handler.handle("get")
handler.handle_format("post")
for verb in ("get", "post"):
    handler.handle_fstring(verb)
