# needs: libvirt
import libvirt


def on_error(context, error):
    return note(error)


def note(error):
    return error


def connect():
    libvirt.registerErrorHandler(on_error, None)
    connection = libvirt.open("test:///default")
    try:
        connection.lookupByName("missing")
    except libvirt.libvirtError:
        return None


connect()
