"""A stack's private network: its own loopback, bridges and taps, which vanish together with it."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from runtime.processes import PROC, ProcessId, running
from tracer.terminal.errors import UserError

T = TypeVar("T")

CLONE_NEWNET = 0x40000000
RESERVED_PORTS = Path("/proc/sys/net/ipv4/ip_local_reserved_ports")
"""Speaks of the namespace that whoever opens it is in."""


class NetworkNamespace:
    """A network namespace that is bound to a file, and so has a name as long as the file is bound.

    Two stacks use the same ports and bridge names without meeting each other, nothing in it can be reached
    from the machine's network, and its devices are gone when it is.

    Args:
        file: what it is bound to.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def create(self, reserved: Iterable[int] = ()) -> None:
        """Make the namespace with nothing in it but a loopback device that is up.

        Args:
            reserved: ports that no outgoing connection may take, because a service will want them.

        Raises:
            UserError: the kernel does not allow it.
        """
        self.file.touch(mode=0o600)
        made = subprocess.run(
            ["unshare", f"--net={self.file}", "ip", "link", "set", "lo", "up"],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise UserError(
                "This machine does not allow a private network namespace, which the stack runs in",
                "Run as root outside of a container, or give the container the capability SYS_ADMIN.",
                details=tuple(made.stderr.splitlines()),
            )
        ports = ",".join(map(str, reserved))
        self.call(lambda: RESERVED_PORTS.write_text(f"{ports}\n"))

    @property
    def bound(self) -> bool:
        """Whether the namespace exists."""
        return self.identity is not None

    @property
    def identity(self) -> tuple[int, int] | None:
        """The kernel's name for the namespace, None when the file is not bound to one."""
        try:
            status = self.file.stat()
        except OSError:
            return None
        if status.st_dev != (PROC / "self/ns/net").stat().st_dev:
            return None
        return status.st_dev, status.st_ino

    def members(self) -> Iterator[ProcessId]:
        """The processes that run in it."""
        wanted = self.identity
        if wanted is None:
            return
        for process in running():
            try:
                status = (PROC / str(process.pid) / "ns/net").stat()
            except OSError:
                continue
            if (status.st_dev, status.st_ino) == wanted:
                yield process

    def devices(self) -> list[str]:
        """The network devices in it, other than loopback."""
        if not self.bound:
            return []
        listed = subprocess.run(
            ["nsenter", f"--net={self.file}", "ip", "-o", "link"], capture_output=True, text=True, check=False
        )
        names = [line.split(":")[1].strip().partition("@")[0] for line in listed.stdout.splitlines()]
        return [name for name in names if name != "lo"]

    def call(self, function: Callable[[], T]) -> T:
        """Call a function inside the namespace, where it reaches the stack's own ports.

        Raises:
            OSError: the namespace cannot be entered.
        """

        # Only a thread enters a namespace, so a thread of its own does this and ends.
        def inside() -> T:
            self._enter()
            return function()

        with ThreadPoolExecutor(1) as executor:
            return executor.submit(inside).result()

    def remove(self) -> bool:
        """Unbind the namespace; the kernel ends it with its last process. Returns whether there was one."""
        existed = self.bound
        while self.bound:
            subprocess.run(["umount", "--lazy", str(self.file)], check=True, capture_output=True)
        self.file.unlink(missing_ok=True)
        return existed

    def _enter(self) -> None:
        library = ctypes.CDLL(None, use_errno=True)
        handle = os.open(self.file, os.O_RDONLY)
        try:
            if library.setns(handle, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "cannot enter the stack's network namespace")
        finally:
            os.close(handle)
