class ComputeManager:
    def init_host(self):
        return 1

    def describe(self):
        return 2


class IdleManager:
    def init_host(self):
        return 3
