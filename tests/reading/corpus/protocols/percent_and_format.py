class Host:
    def __str__(self):
        return "host"

    def __format__(self, spec):
        return self.padded(spec)

    def padded(self, spec):
        return spec


def old(host):
    return "%s" % host


def new(host):
    return "{:x}".format(host)


def direct(host):
    return format(host, "y")


old(Host())
new(Host())
direct(Host())
