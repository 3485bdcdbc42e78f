"""libvirt inside of another process: its folders, its configuration, and the user that it insists on."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

QEMU_USER = "libvirt-qemu"
QEMU_CONF = """stdio_handler = "file"
security_driver = "none"
namespaces = []
cgroup_controllers = []
seccomp_sandbox = 0
max_core = 0
"""
QEMU_CONF_OF_ROOT = """user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
"""
VIEW = """#!/bin/sh
# A privileged libvirt refuses to start without its user. This process, and no other, sees one.
set -e
mount --bind {passwd} /etc/passwd
mount --bind {group} /etc/group
exec "$@"
"""


def uri(root: Path) -> str:
    """The address by which a process gets a libvirt of its own, with all its files below ``root``."""
    return f"qemu:///embed?root={root}"


def definitions(root: Path) -> Path:
    """Where such a libvirt keeps the definitions of its domains."""
    return root / "etc" / "qemu"


def prepare(root: Path, etc: Path) -> tuple[str, ...]:
    """Write the configuration of a libvirt below ``root``.

    Args:
        root: where libvirt has its files; must not exist yet.
        etc: folder of the stack's configuration.

    Returns:
        the words to put before the command of the process that has libvirt inside.
    """
    privileged = os.geteuid() == 0
    (root / "etc").mkdir(parents=True)
    (root / "etc" / "qemu.conf").write_text(QEMU_CONF + (QEMU_CONF_OF_ROOT if privileged else ""))
    if not privileged or _has_user():
        return ()
    lines = {
        "passwd": f"{QEMU_USER}:x:64055:64055::/nonexistent:/usr/sbin/nologin\n",
        "group": f"{QEMU_USER}:x:64055:\n",
    }
    for name, line in lines.items():
        (etc / name).write_text(Path("/etc", name).read_text() + line)
    script = etc / "view.sh"
    script.write_text(VIEW.format(passwd=etc / "passwd", group=etc / "group"))
    return ("unshare", "--mount", "--propagation", "private", "--", "sh", str(script))


def _has_user() -> bool:
    try:
        pwd.getpwnam(QEMU_USER)
    except KeyError:
        return False
    return True
