"""What one process recorded of one request, decoded from its spool and not yet stitched to anything."""

from __future__ import annotations

import msgspec

from tracer.model.function import Function
from tracer.model.kinds import Link, Outcome
from tracer.model.request_tree import Values


class RawSpan(msgspec.Struct, gc=False):
    """One activation of a function inside one process.

    ``id`` is unique within the process's record; ``parent`` is the id of the span below it on the same
    thread's (or greenlet's) stack, 0 at the bottom. ``incoming`` is the key of the link under which the
    bottom of a stack runs, empty where none is known. Times are nanoseconds of the host's monotonic
    clock; ``end`` is None for a span that was still open when the spool ended.
    """

    id: int
    parent: int
    function: int
    thread: str
    start: int
    end: int | None
    outcome: Outcome
    activation: int
    call_line: int
    incoming: str
    values: Values | None = None


class Outgoing(msgspec.Struct, frozen=True, gc=False):
    """Something that left a span towards another process, thread or the hypervisor.

    ``key`` is unique for one message within the trace and is what the other end reports as
    `RawSpan.incoming`.
    """

    key: str
    span: int
    time: int
    link: Link
    detail: str


class ProcessRecord(msgspec.Struct):
    """All that one process recorded of one request.

    ``realtime_offset`` plus a monotonic time gives Unix time, both in nanoseconds. ``last_seen`` is the
    last monotonic time of which the spool knows. ``damage`` is empty, or says what could not be read and
    since when. ``closed`` says that the process itself ended the spool in order.
    """

    trace_id: str
    service: str
    pid: int
    program: str
    python: str
    collector: str
    realtime_offset: int
    last_seen: int
    closed: bool
    functions: list[Function]
    spans: list[RawSpan]
    outgoing: list[Outgoing]
    answering: dict[str, int] = {}
    """When messages began to be answered here, by their key."""
    answered: dict[str, int] = {}
    """When messages that were sent from here had been answered, by their key."""
    versions: dict[str, str] = {}
    damage: str = ""
    notices: list[str] = []
    source_roots: list[str] = []
    """Folders of the process's import path: below one of them lies the `Function.file` of every function."""
    whole_program: bool = False
    """The process belongs to the trace from its beginning, not only while it serves a request."""
    host: str = ""
    """The machine's name for itself; empty where the spool does not say."""
    clock: str = ""
    """Names the monotonic clock of all times; equal for processes that share one, empty where unknown."""
