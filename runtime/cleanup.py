"""Finding and removing everything a stack has left on the machine, however it ended."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runtime.layout import StackLayout
from runtime.ledger import Ledger
from runtime.namespaces import NetworkNamespace
from runtime.processes import PROC, ProcessId, ancestors, running, stop, wait_for_end
from runtime.services.service import marked

PATIENCE_WITH_SERVICES = 4.0
PATIENCE_WITH_INFRASTRUCTURE = 2.0
PATIENCE_WITH_THE_KERNEL = 5.0


@dataclass(frozen=True)
class Found:
    """A process that belongs to a stack.

    Args:
        process: the process.
        name: what it is: a service's name, a guest's, or its program's.
        service: the service whose session it is in; empty when that is not known.
    """

    process: ProcessId
    name: str
    service: str


@dataclass(frozen=True)
class Leftovers:
    """What of a stack is on the machine.

    Args:
        processes: its processes.
        devices: the network devices (bridges, taps) of its network namespace.
        mounts: where something is mounted below its folders.
        sockets: its unix sockets.
    """

    processes: tuple[Found, ...] = ()
    devices: tuple[str, ...] = ()
    mounts: tuple[Path, ...] = ()
    sockets: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.processes or self.devices or self.mounts or self.sockets)

    def lines(self) -> list[str]:
        """One line for each kind of thing, for a person to read."""
        guests = sorted({found.name for found in self.processes if found.name.startswith("guest ")})
        services = sorted({found.name for found in self.processes} - set(guests))
        kinds = (
            ("processes", f"{len(self.processes)} ({', '.join(services)})" if services else ""),
            ("guests", ", ".join(name.removeprefix("guest ") for name in guests)),
            ("network devices", ", ".join(self.devices)),
            ("mounts", ", ".join(map(str, self.mounts))),
            ("sockets", str(len(self.sockets)) if self.sockets else ""),
        )
        return [f"{kind}: {what}" for kind, what in kinds if what]


def leftovers(layout: StackLayout) -> Leftovers:
    """Look for all of a stack, by its ledger, its network namespace and the mark its processes carry."""
    namespace = NetworkNamespace(layout.network_namespace)
    return Leftovers(
        processes=tuple(find_processes(layout)),
        devices=tuple(namespace.devices()),
        mounts=tuple(_mounts(layout)),
        sockets=tuple(_sockets(layout)),
    )


def remove(layout: StackLayout, infrastructure: Sequence[str]) -> Leftovers:
    """End every process of a stack and remove all it has made but its logs.

    Args:
        layout: the stack.
        infrastructure: the services that the others need until their end.

    Returns:
        what was removed.

    Raises:
        OSError: something cannot be removed.
    """
    there = leftovers(layout)
    _end_processes(layout, there.processes, infrastructure)
    _reap(there.processes)
    NetworkNamespace(layout.network_namespace).remove()
    for mount in _mounts(layout):
        subprocess.run(["umount", "--lazy", str(mount)], check=True, capture_output=True)
    if layout.marker.exists():
        _remove_files(layout)
    return there


def _remove_files(layout: StackLayout) -> None:
    for folder in (layout.run, layout.state, layout.config, layout.spool):
        if folder.exists():
            shutil.rmtree(folder)
    for file in (layout.facts, layout.secrets, *layout.recording_switches):
        file.unlink(missing_ok=True)
    Ledger(layout.ledger).clear()


def find_processes(layout: StackLayout) -> list[Found]:
    """Every process of a stack, whoever started it and whatever became of its parent."""
    started = {entry.process: entry.service for entry in Ledger(layout.ledger).read()}
    inside = set(NetworkNamespace(layout.network_namespace).members())
    sessions = {process.pid: service for process, service in started.items()}
    own = ancestors(os.getpid())
    found = []
    for process in running():
        belongs = process in started or process in inside or marked(process, layout.stack_id)
        if belongs and process.pid not in own:
            service = started.get(process) or sessions.get(process.session, "")
            found.append(Found(process, _name(process, started.get(process, "")), service))
    return sorted(found, key=lambda one: one.process)


def _end_processes(layout: StackLayout, found: Sequence[Found], infrastructure: Sequence[str]) -> None:
    services = [one.process for one in found if one.service not in infrastructure]
    for process in stop(services, PATIENCE_WITH_SERVICES):
        process.send(signal.SIGKILL)
    stop((one.process for one in find_processes(layout)), PATIENCE_WITH_INFRASTRUCTURE)
    # A process may start another one while it is being ended, so look again until there is none.
    while remaining := [one.process for one in find_processes(layout)]:
        for process in remaining:
            process.send(signal.SIGKILL)
        stubborn = wait_for_end(remaining, PATIENCE_WITH_THE_KERNEL)
        if stubborn:
            raise OSError(
                f"processes {', '.join(str(one.pid) for one in stubborn)} cannot be ended, even by SIGKILL"
            )


def _reap(found: Sequence[Found]) -> None:
    """Whoever brought the stack up is the parent of its processes: let none stay as a zombie."""
    for one in found:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(one.process.pid, os.WNOHANG)


def _name(process: ProcessId, service: str) -> str:
    if service:
        return service
    command = process.command
    guest = re.search(r"guest=([^,]+)", " ".join(command))
    if guest:
        return f"guest {guest[1]}"
    try:
        return (PROC / str(process.pid) / "comm").read_text().strip()
    except OSError:
        return "a process that has just ended"


def _mounts(layout: StackLayout) -> list[Path]:
    found = []
    for line in (PROC / "self/mountinfo").read_text().splitlines():
        point = Path(re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), line.split()[4]))
        if point.is_relative_to(layout.root) or point.is_relative_to(layout.run):
            found.append(point)
    return found


def _sockets(layout: StackLayout) -> list[Path]:
    return sorted(
        path for folder in {layout.root, layout.run} for path in folder.rglob("*") if path.is_socket()
    )
