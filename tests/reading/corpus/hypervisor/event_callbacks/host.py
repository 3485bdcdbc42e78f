import libvirt

XML = """<domain type='test'><name>guest</name><memory>8192</memory><os><type>hvm</type></os></domain>"""


def prepare():
    libvirt.virEventRegisterDefaultImpl()


class Host:
    def __init__(self):
        self.seen = []
        self.connection = self._connect()

    def _connect(self):
        return libvirt.open("test:///default")

    def listen(self):
        self.connection.domainEventRegisterAny(
            None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, self._lifecycle, self
        )

    def define_and_start(self):
        self.connection.createXML(XML, 0)

    @staticmethod
    def _lifecycle(connection, domain, event, detail, opaque):
        opaque.queue(domain.name())

    def queue(self, name):
        self.seen.append(name)


def deliver(host):
    while not host.seen:
        libvirt.virEventRunDefaultImpl()
