# needs: oslo_config
# needs: oslo_utils
from host_manager import HostManager


def run():
    return HostManager().filtered(["a", "b"])


run()
