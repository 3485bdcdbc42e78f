import loadables


class BaseFilter:
    def filter_all(self, hosts):
        for host in hosts:
            if self.passes(host):
                yield host

    def passes(self, host):
        return True


class FilterHandler(loadables.BaseLoader):
    def __init__(self):
        super().__init__(BaseFilter)

    def get_filtered(self, chosen, hosts):
        for one in chosen:
            hosts = list(one.filter_all(hosts))
        return hosts
