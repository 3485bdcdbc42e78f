"""libvirtd, with folders and a user of its own, in a private view of the file system."""

from __future__ import annotations

import pwd
import shutil
import uuid
from pathlib import Path

from runtime.plan import StackPlan
from runtime.readiness import libvirt_answers
from runtime.rendering import render
from runtime.services.service import Service

SERVER = "/usr/sbin/libvirtd"
QEMU_USER = "libvirt-qemu"
"""A privileged libvirtd refuses to start without it; Debian's package of the system service creates it."""

COVERED = {
    Path("/run"): ("libvirt", "lock"),
    Path("/var/lib"): ("libvirt",),
    Path("/var/log"): ("libvirt",),
    Path("/var/cache"): ("libvirt",),
}
"""What libvirtd writes below. Covering all of /run hides the machine's services from it: none is told."""


def configure(plan: StackPlan) -> None:
    """Write libvirtd's configuration and the script that makes its view of the file system."""
    config, state = plan.layout.config / "libvirt", plan.layout.state / "libvirt"
    render("libvirtd.conf.j2", plan, config / "libvirtd.conf", host_uuid=uuid.uuid4())
    render("qemu.conf.j2", plan, config / "qemu.conf")
    (plan.layout.run / "libvirt").mkdir(exist_ok=True)
    covers = []
    for target, folders in COVERED.items():
        cover = state / target.relative_to("/").as_posix().replace("/", "-")
        for folder in folders:
            (cover / folder).mkdir(parents=True, exist_ok=True)
        kept = _inside(plan.layout.root, target)
        covers.append({"target": target, "cover": cover, "kept": plan.layout.root, "keep": kept})
    files = [{"cover": config, "target": Path("/etc/libvirt")}]
    files += _accounts(config)
    render("view-libvirt.sh.j2", plan, view(plan), covers=covers, files=files)
    view(plan).chmod(0o700)


def view(plan: StackPlan) -> Path:
    """The script that gives libvirtd its view of the file system."""
    return plan.layout.config / "view-libvirt.sh"


def services(plan: StackPlan) -> list[Service]:
    """libvirtd's one process, which starts a QEMU process for each guest."""
    return [
        Service(
            name="libvirtd",
            lane="libvirtd",
            command=(SERVER, "-f", str(plan.layout.config / "libvirt" / "libvirtd.conf")),
            # Its own child processes plug guests into the stack's switch.
            environment={"OVS_RUNDIR": str(plan.layout.run / "ovs")},
            ready=lambda: libvirt_answers(plan.libvirt_uri(read_only=True)),
            view=view(plan),
        )
    ]


def _inside(folder: Path, parent: Path) -> str:
    return f"/{folder.relative_to(parent)}" if folder.is_relative_to(parent) else ""


def _accounts(config: Path) -> list[dict[str, Path]]:
    try:
        pwd.getpwnam(QEMU_USER)
    except KeyError:
        pass
    else:
        return []
    additions = {
        "passwd": f"{QEMU_USER}:x:64055:64055::/var/lib/libvirt:/usr/sbin/nologin\n",
        "group": f"{QEMU_USER}:x:64055:\n",
    }
    for name, line in additions.items():
        shutil.copyfile(f"/etc/{name}", config / name)
        with (config / name).open("a") as stream:
            stream.write(line)
    return [{"cover": config / name, "target": Path("/etc") / name} for name in additions]
