"""Looks the machine over: what it has, what it lacks, and the remedy for each."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runtime import acceleration
from runtime.installed import REMEDY, stack_environment
from runtime.memory import GIB, available_bytes
from runtime.provisioning import environments, needs
from runtime.provisioning.console import SetupError
from runtime.provisioning.guest import built_guest
from tracer.recording.extension import look_for_extension
from tracer.terminal.errors import UserError
from tracer.worklist.building import look_for_kernel

MEMORY_GIB = 3
DISK_GIB = 4


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Args:
        subject: what was looked at.
        found: what it is, or what is wrong.
        remedy: what to do about it; empty when nothing is wrong.
        essential: whether the stack cannot do without.
    """

    subject: str
    found: str
    remedy: str = ""
    essential: bool = True

    @property
    def lacks(self) -> bool:
        """Whether this is something that the stack needs and the machine does not have."""
        return bool(self.remedy) and self.essential


def examine(cache: Path) -> Iterator[Finding]:
    """Look at everything, in the order in which it is needed; slow trials come last.

    Args:
        cache: where environments and the guest are kept.
    """
    yield _python()
    yield _rights()
    yield _space(cache)
    yield _memory()
    for need in (*needs.STACK_NEEDS, *needs.REPORT_NEEDS):
        yield _need(need, essential=True)
    for need in needs.TEST_NEEDS:
        yield _need(need, essential=False)
    yield _libvirt()
    yield _qemu()
    yield _environment(cache)
    yield _recorder(cache)
    yield _reader()
    yield from _guest_and_acceleration(cache)


def _python() -> Finding:
    version = platform.python_version()
    if version.startswith("3.11."):
        return Finding(
            "Python",
            f"{version}: the recorder uses its slower collector",
            "install Python 3.12 or 3.13 and run `python3 -m runtime.bootstrap` again",
            essential=False,
        )
    return Finding("Python", f"{version}, the recorder uses sys.monitoring")


def _rights() -> Finding:
    if os.geteuid() == 0:
        return Finding("rights", "root")
    if needs.find_program("sudo"):
        return Finding("rights", "an ordinary user with sudo, which `stackwalk stack up` will use")
    return Finding(
        "rights",
        "neither root nor sudo: the real stack needs one of them",
        "become root, install sudo, or use the variant that needs neither: `stackwalk stack up --embedded`",
    )


def _space(cache: Path) -> Finding:
    there = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(there).free / (1 << 30)
    found = f"{free:.0f} GiB free for {cache}"
    if free < DISK_GIB:
        return Finding(
            "disk", found, f"free {DISK_GIB} GiB, or set STACKWALK_CACHE to a folder with more room"
        )
    return Finding("disk", found)


def _memory() -> Finding:
    available = available_bytes() / GIB
    found = f"{available:.1f} GiB available"
    if available < MEMORY_GIB:
        return Finding(
            "memory", found, f"the stack with one guest takes about {MEMORY_GIB} GiB", essential=False
        )
    return Finding("memory", found)


def _need(need: needs.Need, *, essential: bool) -> Finding:
    if needs.is_met(need):
        return Finding(need.package, f"there ({need.reason})")
    whole = "python3 -m runtime.bootstrap" + ("" if essential else " --tests")
    remedy = f"apt-get install --no-install-recommends {need.package} (or run `{whole}`)"
    return Finding(need.package, f"missing ({need.reason})", remedy, essential=essential)


def _libvirt() -> Finding:
    import libvirt

    number = libvirt.getVersion()
    binding = f"{number // 1_000_000}.{number // 1_000 % 1_000}.{number % 1_000}"
    try:
        headers = environments.libvirt_version()
    except SetupError as error:
        return Finding("libvirt", error.message, error.remedy)
    if binding.split(".")[0] != headers.split(".")[0]:
        return Finding("libvirt", f"library {binding}, but headers {headers}", "update libvirt's packages")
    return Finding("libvirt", f"{binding}, with a Python binding made for it")


def _qemu() -> Finding:
    program = needs.find_program("qemu-system-x86_64")
    if not program:
        return Finding("QEMU", "missing", "apt-get install qemu-system-x86")
    answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        return Finding(
            "QEMU", f"{program} does not run: {answer.stderr.strip()}", "reinstall qemu-system-x86"
        )
    return Finding("QEMU", answer.stdout.splitlines()[0].removeprefix("QEMU emulator version "))


def _environment(cache: Path) -> Finding:
    try:
        found = stack_environment(cache)
    except UserError as error:
        return Finding("services", error.message, error.remedy)
    versions = found.versions()
    shown = ("nova", "openstack_placement", "keystone", "glance", "neutron")
    return Finding("services", ", ".join(f"{name} {versions.get(name, '?')}" for name in shown))


def _recorder(cache: Path) -> Finding:
    try:
        python = stack_environment(cache).python
    except UserError:
        python = Path(sys.executable)
    extension = look_for_extension(python)
    if extension.file is not None:
        return Finding("recorder", f"its C part is built ({extension.file})")
    found = f"without its C part a recorded call with values costs some 3 µs, not 0.2: {extension.lacks}"
    return Finding(
        "recorder",
        found,
        extension.remedy or "nothing needs to be done: `stackwalk stack up` builds it where it can",
        essential=False,
    )


def _reader() -> Finding:
    extension = look_for_kernel()
    if extension.file is not None:
        return Finding("reader", f"its C part is built ({extension.file})")
    return Finding(
        "reader",
        f"without its C part a large release takes nearly twice as long: {extension.lacks}",
        extension.remedy or "nothing needs to be done: `stackwalk read` builds it where it can",
        essential=False,
    )


def _guest_and_acceleration(cache: Path) -> Iterator[Finding]:
    guest = built_guest(cache)
    if guest is None:
        yield Finding("guest", "not built yet", REMEDY)
        return
    yield Finding("guest", f"Linux {guest.kernel_version}")
    decision = acceleration.decide(guest)
    for_whom = "" if os.geteuid() == 0 else "; the real stack runs as root and tries for itself"
    yield Finding("acceleration", f"{decision.name}: {decision.reason}{for_whom}")
