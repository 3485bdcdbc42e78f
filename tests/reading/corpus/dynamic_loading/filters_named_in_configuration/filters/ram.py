import filters


class RamFilter(filters.BaseFilter):
    def passes(self, host):
        return host != "a"
