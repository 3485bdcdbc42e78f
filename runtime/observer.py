"""Watches a stack's hypervisor over a connection of its own that can change nothing."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import libvirt

from runtime.processes import running
from tracer.model.hypervisor import Hypervisor, HypervisorEvent
from tracer.terminal.errors import UserError

EVENTS = (
    "DEFINED",
    "UNDEFINED",
    "STARTED",
    "SUSPENDED",
    "RESUMED",
    "STOPPED",
    "SHUTDOWN",
    "PMSUSPENDED",
    "CRASHED",
)
FOREVER = -1
AT_ONCE = 0


def _name(prefix: str, number: int, known: Iterable[str]) -> str:
    for name in known:
        if getattr(libvirt, f"{prefix}{name}", None) == number:
            return name.lower().replace("_", " ")
    return f"number {number}"


def event_name(number: int) -> str:
    """libvirt's name of a lifecycle event, e.g. "started"."""
    return _name("VIR_DOMAIN_EVENT_", number, EVENTS)


def detail_name(event: int, detail: int) -> str:
    """libvirt's name of what led to a lifecycle event, e.g. "booted"."""
    prefix = f"VIR_DOMAIN_EVENT_{event_name(event).upper()}_"
    known = [name.removeprefix(prefix) for name in dir(libvirt) if name.startswith(prefix)]
    return _name(prefix, detail, known)


class EventLoop:
    """libvirt's event loop on a thread of its own.

    libvirt has one loop for a process, and it must be there before a connection is opened that wants events.
    """

    _registered = False
    _lock = threading.Lock()

    def __init__(self) -> None:
        with EventLoop._lock:
            if not EventLoop._registered:
                libvirt.virEventRegisterDefaultImpl()
                EventLoop._registered = True
        self._ends = False
        self._waker = libvirt.virEventAddTimeout(FOREVER, lambda timer, opaque: None, None)
        self._thread = threading.Thread(target=self._run, name="libvirt-events", daemon=True)

    def start(self) -> None:
        """Begin to deliver events."""
        self._thread.start()

    def stop(self) -> None:
        """Deliver no more events; returns when the thread has ended."""
        self._ends = True
        libvirt.virEventUpdateTimeout(self._waker, AT_ONCE)
        self._thread.join()
        libvirt.virEventRemoveTimeout(self._waker)

    def _run(self) -> None:
        while not self._ends:
            libvirt.virEventRunDefaultImpl()


class Observer(Protocol):
    """Sees what a request does to the hypervisor."""

    def look_at(self, domain: str, server: str) -> None:
        """Save what ``domain``, which is nova's ``server``, looks like now."""

    def hear(self, console: str, marker: str) -> None:
        """Save what the guest has said on its console, up to the line that holds ``marker``."""

    @property
    def seen(self) -> Hypervisor:
        """All that was seen so far."""


class Bystander:
    """Sees what can be seen without a connection to libvirt: QEMU's command line, and files.

    Args:
        configuration: the folder in which libvirt keeps the definitions of its domains; None where they are
            nothing to look at.
    """

    def __init__(self, configuration: Path | None) -> None:
        self._configuration = configuration
        self._seen = Hypervisor()
        if configuration is None:
            self._seen.notices.append("libvirt was not watched: several requests were recorded at once")

    def look_at(self, domain: str, server: str) -> None:
        """See `Observer.look_at`."""
        self._seen.qemu_command_line = qemu_command_line(server)
        if self._configuration is None:
            return
        try:
            self._seen.domain_xml = (self._configuration / f"{domain}.xml").read_text()
        except OSError as error:
            self._seen.notices.append(
                f"the definition of domain {domain} could not be read: {error.strerror}"
            )

    def hear(self, console: str, marker: str) -> None:
        """See `Observer.hear`."""
        self._seen.console = up_to(console, marker)

    @property
    def seen(self) -> Hypervisor:
        """See `Observer.seen`."""
        return self._seen


class HypervisorObserver:
    """Collects what one request does to the hypervisor; a context manager, watching while it is entered.

    Args:
        uri: the libvirt daemon, e.g. ``qemu+unix:///system?socket=...``.

    Raises:
        UserError: (on entering) the daemon cannot be reached.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._events: list[HypervisorEvent] = []
        self._lock = threading.Lock()
        self._seen = Hypervisor()

    def __enter__(self) -> HypervisorObserver:
        self._loop = EventLoop()
        # What libvirt has to say comes as exceptions; it need not be printed as well.
        libvirt.registerErrorHandler(lambda context, error: None, None)
        try:
            self._connection = libvirt.openReadOnly(self._uri)
        except libvirt.libvirtError as error:
            raise UserError(
                f"libvirt at {self._uri} cannot be reached: {error.get_error_message()}",
                "See whether the stack is up (`stackwalk stack status`) and you are the one who started it.",
            ) from error
        self._loop.start()
        self._connection.domainEventRegisterAny(
            None, libvirt.VIR_DOMAIN_EVENT_ID_LIFECYCLE, self._on_lifecycle, None
        )
        self._prove_read_only()
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            self._connection.close()
        except libvirt.libvirtError as error:
            self._seen.notices.append(f"libvirt went away while it was watched: {error.get_error_message()}")
        self._loop.stop()

    def look_at(self, domain: str, server: str) -> None:
        """Save a domain's XML and the command line of its QEMU as they are now; a missing one is a notice."""
        try:
            found = self._connection.lookupByName(domain)
            self._seen.domain_xml = found.XMLDesc()
        except libvirt.libvirtError as error:
            self._seen.notices.append(f"domain {domain} could not be looked at: {error.get_error_message()}")
            return
        self._seen.qemu_command_line = qemu_command_line(server)
        if not self._seen.qemu_command_line:
            self._seen.notices.append(f"no process of {domain} was found: its command line is unknown")

    def hear(self, console: str, marker: str) -> None:
        """See `Observer.hear`."""
        self._seen.console = up_to(console, marker)

    @property
    def seen(self) -> Hypervisor:
        """All that was seen so far."""
        with self._lock:
            self._seen.events = list(self._events)
        return self._seen

    def _on_lifecycle(
        self,
        connection: libvirt.virConnect,
        domain: libvirt.virDomain,
        event: int,
        detail: int,
        opaque: object,
    ) -> None:
        seen = HypervisorEvent(
            time_ns=time.time_ns(),
            event=event_name(event),
            detail=detail_name(event, detail),
            domain=domain.name(),
        )
        with self._lock:
            self._events.append(seen)

    def _prove_read_only(self) -> None:
        """Try to define a domain that is none: were writing allowed, the complaint would be about its XML."""
        refused = ""
        try:
            self._connection.defineXML("<domain/>")
        except libvirt.libvirtError as error:
            if error.get_error_code() == libvirt.VIR_ERR_OPERATION_DENIED:
                refused = error.get_error_message()
        self._seen.connection = {
            "uri": self._uri,
            "flags": "VIR_CONNECT_RO",
            "write_tried": "virDomainDefineXML",
            "write_refused": bool(refused),
            "write_answer": refused,
            "libvirt": _dotted(self._connection.getLibVersion()),
            "hypervisor": f"{self._connection.getType()} {_dotted(self._connection.getVersion())}",
        }
        if not refused:
            self._seen.notices.append("the observer's connection is not read-only: a write was not refused")


def qemu_command_line(uuid: str) -> str:
    """The command line of the process that runs the domain ``uuid``, quoted for a shell, or ""."""
    for process in running():
        command = process.command
        if "-uuid" in command and uuid in command and Path(command[0]).name.startswith("qemu"):
            return shlex.join(command)
    return ""


def up_to(text: str, marker: str) -> str:
    """The lines of ``text`` up to the first that holds ``marker``; all of them when none does."""
    lines = text.splitlines(keepends=True)
    last = next((number for number, line in enumerate(lines, 1) if marker in line), len(lines))
    return "".join(lines[:last])


def _dotted(version: int) -> str:
    return f"{version // 1_000_000}.{version // 1_000 % 1_000}.{version % 1_000}"
