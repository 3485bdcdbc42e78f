class Filter:
    def passes(self, host):
        raise NotImplementedError


class RamFilter(Filter):
    def passes(self, host):
        return True


class DiskFilter(Filter):
    def passes(self, host):
        return True


def all_filters():
    return [cls() for cls in Filter.__subclasses__()]


def run(host):
    return [one.passes(host) for one in all_filters()]


run("a")
