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
    "oslo_service.backend._eventlet.loopingcall",
    "oslo_service.backend._threading.loopingcall",
)
"""What is recorded when nobody says otherwise: the services' own code and the frameworks that carry a
request."""

LEAVES = ("libvirt",)
"""Modules whose functions hand their arguments to a library outside of Python: the last of a way that can
be seen from inside, so that more is kept of what they are given."""

PARENT = "STACKWALK_PARENT"
"""The variable that has the ``traceparent`` under which a whole process runs."""

MODULES_AT_MOST = 20_000
"""For how many modules it is kept whether they are chosen."""

VALUE_MODES = ("none", "ids", "short")

STANDARD_LIBRARY = os.path.dirname(os.path.abspath(os.__file__))  # noqa: PTH100, PTH120
OWN_FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
INSTALLED = ("/site-packages/", "/dist-packages/")
"""Folders of installed packages, as they stand in the path of a file of one."""


class Settings:
    """The probe's settings in this process.

    Attributes:
        service: the lane's name; changes when a process turns out to be a helper of another service.
        spool_dir: absolute folder for spool files.
        packages: dotted names of what is recorded.
        folders: absolute folders; what lies below one of them is recorded as well, but for installed
            packages and the standard library.
        parent: the ``traceparent`` under which this whole process runs, or empty.
        values: ``none``, ``ids`` or ``short``.
        spool_limit: bytes after which one spool file takes no further calls.
        key_file: file with the key by which requests from outside may switch recording on, or empty.
        mask: file with more rules for what is withheld, or empty.
        collector: empty for the best this Python has, else the name of one.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self.service = environment.get("STACKWALK_SERVICE", "") or "python"
        self.spool_dir = environment["STACKWALK_SPOOL_DIR"]
        packages = environment.get("STACKWALK_PACKAGES", "")
        self.packages = tuple(name for name in packages.split(",") if name) or DEFAULT_PACKAGES
        folders = environment.get("STACKWALK_FOLDERS", "")
        self.folders = tuple(name.rstrip("/") for name in folders.split(os.pathsep) if name)
        self.parent = environment.get(PARENT, "")
        values = environment.get("STACKWALK_VALUES", "short")
        self.values = values if values in VALUE_MODES else "short"
        self.spool_limit = int(environment.get("STACKWALK_SPOOL_LIMIT", "") or 256 * 1024 * 1024)
        self.key_file = environment.get("STACKWALK_KEY_FILE", "")
        self.mask = environment.get("STACKWALK_MASK", "")
        self.collector = environment.get("STACKWALK_COLLECTOR", "")
        self.program = _program()
        self._prefixes = tuple(name + "." for name in self.packages)
        self._chosen: dict[str, bool] = {}
        self._chosen_files: dict[str, bool] = {}

    def chooses(self, module: str) -> bool:
        """Whether code of ``module`` is to be recorded."""
        chosen = self._chosen.get(module)
        if chosen is None:
            chosen = module in self.packages or module.startswith(self._prefixes)
            if len(self._chosen) < MODULES_AT_MOST:
                self._chosen[module] = chosen
        return chosen

    def chooses_file(self, file: str) -> bool:
        """Whether code of ``file`` is to be recorded whatever its module is called."""
        if not self.folders:
            return False
        chosen = self._chosen_files.get(file)
        if chosen is None:
            chosen = any(_below(folder, file) for folder in self.folders)
            if len(self._chosen_files) < MODULES_AT_MOST:
                self._chosen_files[file] = chosen
        return chosen


def _below(folder: str, file: str) -> bool:
    if not file.startswith(folder + "/") or file.startswith((STANDARD_LIBRARY + "/", OWN_FOLDER + "/")):
        return False
    return not any(name in file[len(folder) :] for name in INSTALLED)


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
