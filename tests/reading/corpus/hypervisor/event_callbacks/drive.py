# needs: libvirt
import host

host.prepare()
connected = host.Host()
connected.listen()
connected.define_and_start()
host.deliver(connected)
