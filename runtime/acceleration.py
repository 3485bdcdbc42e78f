"""Whether guests run under KVM here, found out by booting one."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import subprocess
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from runtime.privileges import hand_back
from runtime.processes import boot_id
from runtime.provisioning.guest import KERNEL_OPTIONS, MARKER, Guest
from runtime.provisioning.needs import find_program

KVM_DEVICE = Path("/dev/kvm")
TRIAL_SECONDS = 8.0
"""Where KVM works the guest speaks within two seconds; where it does not, it may also hang in silence."""


@dataclass(frozen=True)
class Acceleration:
    """How guests will run.

    Args:
        virt_type: as nova calls it.
        reason: how that is known.
    """

    virt_type: Literal["kvm", "qemu"]
    reason: str

    @property
    def name(self) -> str:
        """As people call it: KVM, or TCG for QEMU's own translation."""
        return "KVM" if self.virt_type == "kvm" else "TCG"


def decide(guest: Guest, *, device: Path = KVM_DEVICE, seconds: float = TRIAL_SECONDS) -> Acceleration:
    """Boot ``guest`` under KVM, for at most ``seconds``, and see whether it speaks.

    Args:
        guest: what to boot.
        device: the kernel's KVM device.
        seconds: how long the trial may take.

    Returns:
        KVM only if the guest came up with it, else TCG and why.
    """
    if not device.exists():
        return Acceleration("qemu", f"there is no {device}")
    if not os.access(device, os.R_OK | os.W_OK):
        return Acceleration("qemu", f"{device} may not be used by this user")
    qemu = find_program("qemu-system-x86_64")
    if not qemu:
        return Acceleration("qemu", "qemu-system-x86_64 is not installed")
    began = time.monotonic()
    said = _boot(qemu, guest, began + seconds)
    took = time.monotonic() - began
    if MARKER in said:
        return Acceleration("kvm", f"a guest came up under KVM in {took:.1f} s")
    words = said.strip().splitlines()
    why = (
        f"it ended with: {words[-1]}"
        if words and took < seconds
        else f"it did not come up within {seconds:.0f} s"
    )
    return Acceleration("qemu", f"{device} is there, but a guest was tried under KVM and {why}")


def decide_once(guest: Guest, cache: Path) -> Acceleration:
    """`decide`, but once for each start of the machine, guest and user.

    Args:
        guest: what to boot.
        cache: the folder in which it is noted.
    """
    note = cache / "acceleration.json"
    occasion = f"{boot_id()} {guest.kernel.parent.name} {os.geteuid()}"
    try:
        known = json.loads(note.read_text())
        if known["occasion"] == occasion:
            virt_type: Literal["kvm", "qemu"] = "kvm" if known["virt_type"] == "kvm" else "qemu"
            return Acceleration(virt_type, str(known["reason"]))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    decision = decide(guest)
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = note.with_suffix(f".{os.getpid()}")
    unfinished.write_text(json.dumps({"occasion": occasion, **asdict(decision)}))
    unfinished.replace(note)
    hand_back(note)
    return decision


def _boot(qemu: str, guest: Guest, until: float) -> str:
    """What the guest, and QEMU, said until the marker, the end of QEMU or the time ``until``."""
    command = [
        *(qemu, "-accel", "kvm", "-machine", "pc", "-cpu", "host", "-m", "128", "-no-reboot"),
        *("-nodefaults", "-display", "none", "-serial", "stdio"),
        *("-kernel", str(guest.kernel), "-initrd", str(guest.initrd), "-append", KERNEL_OPTIONS),
    ]
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    said = b""
    try:
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while MARKER.encode() not in said and selector.select(max(0.0, until - time.monotonic())):
                chunk = os.read(process.stdout.fileno(), 65536)
                if not chunk:
                    break
                said += chunk
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()
    return said.decode(errors="replace")
