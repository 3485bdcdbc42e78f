"""A stack's private network: its own loopback, bridges and taps, which vanish together with it."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from runtime.processes import PROC, ProcessId, running
from tracer.terminal.errors import UserError

CLONE_NEWNET = 0x40000000


class NetworkNamespace:
    """A network namespace that is bound to a file, and so has a name as long as the file is bound.

    Two stacks use the same ports and bridge names without meeting each other, nothing in it can be reached
    from the machine's network, and its devices are gone when it is.

    Args:
        file: what it is bound to.
    """

    def __init__(self, file: Path) -> None:
        self.file = file

    def create(self) -> None:
        """Make the namespace with nothing in it but a loopback device that is up.

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

    def connect(self, port: int, timeout: float) -> socket.socket:
        """Connect to a port of the namespace's loopback, from outside of it.

        Args:
            port: the TCP port.
            timeout: for connecting and for every later use, in seconds.

        Raises:
            OSError: nobody answers there.
        """
        # Only a thread enters a namespace, and a socket stays in the one where it was made: a thread of its own
        # makes it and ends.
        with ThreadPoolExecutor(1) as executor:
            made = executor.submit(self._socket_inside).result()
        made.settimeout(timeout)
        try:
            made.connect(("127.0.0.1", port))
        except BaseException:
            made.close()
            raise
        return made

    def remove(self) -> bool:
        """Unbind the namespace; the kernel ends it with its last process. Returns whether there was one."""
        existed = self.bound
        while self.bound:
            subprocess.run(["umount", "--lazy", str(self.file)], check=True, capture_output=True)
        self.file.unlink(missing_ok=True)
        return existed

    def _socket_inside(self) -> socket.socket:
        library = ctypes.CDLL(None, use_errno=True)
        handle = os.open(self.file, os.O_RDONLY)
        try:
            if library.setns(handle, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "cannot enter the stack's network namespace")
        finally:
            os.close(handle)
        return socket.socket(socket.AF_INET, socket.SOCK_STREAM)
