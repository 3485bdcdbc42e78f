"""Which calls of the create path can be seen at run time within one request, decided by rule."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec


class Hop(msgspec.Struct, frozen=True):
    """One call of the create path as it was read in the source; names are dotted, without ``<locals>``."""

    tier: int
    phase: str
    caller: str
    callee: str
    kind: str
    service: str
    file: str = ""
    line: int = 0
    callee_file: str = ""
    callee_line: int = 0


@dataclass(frozen=True)
class Unobservable:
    """A class of calls that no recording of one request can hold, and how to know them."""

    name: str
    reason: str
    pattern: re.Pattern[str]
    """Searched in ``phase | kind | caller -> callee``."""


CLASSES = (
    Unobservable(
        "start-up",
        "runs once when a service starts, before any request",
        re.compile(r"^\d+-[\w-]*startup "),
    ),
    Unobservable(
        "construction of long-lived objects",
        "plugins are loaded by name when a service's manager is made",
        re.compile(r"\| (plugin/filter class loading|stevedore)[^|]*\| [\w.]+\.__init__ -> "),
    ),
    Unobservable(
        "module body",
        "runs when a module is imported, or stands in a configuration file",
        re.compile(r"\| (\S+\.ini|[a-z_0-9]+(\.[a-z_0-9]+)*\.wsgi\.\w+) -> "),
    ),
    Unobservable(
        "libvirt event thread",
        "runs in the thread of libvirt's event loop, for an event of the hypervisor, not for the request",
        re.compile(
            r"nova\.virt\.libvirt\.host\.(Host\._event_\w+|Host\._dispatch_\w+|_\w*EventHandler\.)"
            r"|\.emit_event( |$)|ComputeManager\.handle_(events|lifecycle_event)"
        ),
    ),
    Unobservable(
        "neutron's own request",
        "belongs to the request with which neutron reports a plugged port",
        re.compile(r"server_external_events|external_instance_event|_process_instance_event"),
    ),
    Unobservable(
        "failure",
        "runs only when the create fails",
        re.compile(r"-> [\w.]*\.(abort|_cleanup_\w+|_shutdown_instance|_set_instance_obj_error_state)$"),
    ),
)


def why_unobservable(hop: Hop) -> Unobservable | None:
    """The class of calls for which ``hop`` cannot be in a recording of one request, or None if it can."""
    text = f"{hop.phase} | {hop.kind} | {hop.caller} -> {hop.callee}"
    return next((one for one in CLASSES if one.pattern.search(text)), None)
