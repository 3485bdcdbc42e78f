"""Processes named so that a reused process id is never taken for them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, order=True)
class ProcessId:
    """One process for all time since the machine started.

    Args:
        pid: its number.
        started: when it started, in clock ticks since boot, as the kernel says.
    """

    pid: int
    started: int

    @staticmethod
    def of(pid: int) -> ProcessId | None:
        """The process that has ``pid`` now; None when there is none or it is only a zombie."""
        fields = _stat(pid)
        if fields is None or fields[0] in "ZX":
            return None
        return ProcessId(pid, int(fields[19]))

    @property
    def alive(self) -> bool:
        """Whether this very process runs still."""
        return ProcessId.of(self.pid) == self

    @property
    def session(self) -> int:
        """The session it belongs to; 0 when it is gone."""
        fields = _stat(self.pid)
        return int(fields[3]) if fields is not None and self.alive else 0

    def send(self, number: signal.Signals) -> None:
        """Send a signal, to this process or to nobody."""
        with contextlib.suppress(ProcessLookupError):
            handle = os.pidfd_open(self.pid)
            try:
                # The handle is tied to whoever has the number now, so looking after opening it leaves no gap.
                if self.alive:
                    signal.pidfd_send_signal(handle, number)
            finally:
                os.close(handle)

    @property
    def command(self) -> tuple[str, ...]:
        """Its command line; empty when it is gone or not ours to read."""
        return tuple(os.fsdecode(part) for part in _read(self.pid, "cmdline").split(b"\0") if part)

    @property
    def environment(self) -> frozenset[bytes]:
        """The ``NAME=value`` strings it was started with; empty when it is gone or not ours to read."""
        return frozenset(_read(self.pid, "environ").split(b"\0"))


def running() -> Iterator[ProcessId]:
    """Every process of the machine that is not a zombie."""
    for entry in PROC.iterdir():
        if entry.name.isdigit() and (found := ProcessId.of(int(entry.name))) is not None:
            yield found


def ancestors(pid: int) -> set[int]:
    """The process and those it descends from."""
    found: set[int] = set()
    while pid > 0 and pid not in found:
        found.add(pid)
        fields = _stat(pid)
        pid = int(fields[1]) if fields is not None else 0
    return found


def stop(processes: Iterable[ProcessId], patience: float) -> list[ProcessId]:
    """Ask processes to end and wait for it.

    Args:
        processes: whom to ask.
        patience: how long to wait at most, in seconds.

    Returns:
        those that run still.
    """
    waiting = list(processes)
    for process in waiting:
        process.send(signal.SIGTERM)
    return wait_for_end(waiting, patience)


def wait_for_end(processes: Iterable[ProcessId], patience: float) -> list[ProcessId]:
    """Wait until processes have ended, at most ``patience`` seconds; returns those that run still."""
    waiting = list(processes)
    until = time.monotonic() + patience
    while True:
        waiting = [process for process in waiting if process.alive]
        if not waiting or time.monotonic() >= until:
            return waiting
        time.sleep(0.05)


def boot_id() -> str:
    """Names the machine's current boot: process ids of another one mean nothing."""
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def _stat(pid: int) -> list[str] | None:
    text = _read(pid, "stat").decode(errors="replace")
    # The second field is the program's name in parentheses, and it may itself hold spaces and parentheses.
    return text.rpartition(")")[2].split() if text else None


def _read(pid: int, name: str) -> bytes:
    try:
        return (PROC / str(pid) / name).read_bytes()
    except OSError:
        return b""
