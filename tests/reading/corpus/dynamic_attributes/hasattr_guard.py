class Basic:
    def run(self):
        return 1


class Extended(Basic):
    def prepare(self):
        return 2


def use(item):
    if hasattr(item, "prepare"):
        item.prepare()
    return item.run()


use(Basic())
use(Extended())
