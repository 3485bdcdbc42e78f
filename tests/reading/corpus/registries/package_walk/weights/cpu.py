from weights import Weigher


class CpuWeigher(Weigher):
    def value(self):
        return 1
