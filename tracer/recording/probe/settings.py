"""What the environment tells the probe to do."""

from __future__ import annotations

import os
import sys

DEFAULT_PACKAGES: tuple[str, ...] = (
    "nova",
    "placement",
    "neutron",
    "neutron_lib",
    "os_vif",
    "vif_plug_ovs",
    "vif_plug_linux_bridge",
    "libvirt",
    "oslo_messaging.rpc.client",
    "oslo_messaging.rpc.dispatcher",
    "oslo_messaging.rpc.server",
    "oslo_middleware",
    "keystonemiddleware",
    "routes.middleware",
    "keystoneauth1.adapter",
    "glanceclient.v2.images",
    "neutronclient.v2_0.client",
    "oslo_privsep.priv_context",
    "oslo_concurrency.processutils",
    "oslo_service.loopingcall",
    "oslo_service.backend._threading.loopingcall",
)
"""What is recorded when nobody says otherwise: the services' own code and the frameworks that carry a
request."""

VALUE_MODES = ("none", "ids", "short")


class Settings:
    """The probe's settings in this process.

    Attributes:
        service: the lane's name; changes when a process turns out to be a helper of another service.
        spool_dir: absolute folder for spool files.
        packages: dotted names of what is recorded.
        values: ``none``, ``ids`` or ``short``.
        spool_limit: bytes after which one spool file takes no further calls.
        collector: empty for the best this Python has, else the name of one.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self.service = environment.get("STACKWALK_SERVICE", "") or "python"
        self.spool_dir = environment["STACKWALK_SPOOL_DIR"]
        packages = environment.get("STACKWALK_PACKAGES", "")
        self.packages = tuple(name for name in packages.split(",") if name) or DEFAULT_PACKAGES
        values = environment.get("STACKWALK_VALUES", "short")
        self.values = values if values in VALUE_MODES else "short"
        self.spool_limit = int(environment.get("STACKWALK_SPOOL_LIMIT", "") or 256 * 1024 * 1024)
        self.collector = environment.get("STACKWALK_COLLECTOR", "")
        self.program = _program()
        self._prefixes = tuple(name + "." for name in self.packages)

    def chooses(self, module: str) -> bool:
        """Whether code of ``module`` is to be recorded."""
        return module in self.packages or module.startswith(self._prefixes)


def _program() -> str:
    """The program's name as a person would say it: the script, or the module after ``-m``."""
    arguments: list[str] = getattr(sys, "orig_argv", None) or [sys.executable]
    for position, argument in enumerate(arguments[1:], start=1):
        if argument == "-m" and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument == "-c":
            return "python -c"
        if not argument.startswith("-"):
            return os.path.basename(argument)  # noqa: PTH119 - pathlib is not loaded in services for this
    return os.path.basename(sys.executable)  # noqa: PTH119
