"""Spans and the request tree: what one request really did, in every process it touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property

import msgspec

from tracer.model.function import Function
from tracer.model.kinds import Link, Outcome, lane_order


class Value(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A captured argument or result, bounded and masked before it was written.

    ``type`` is the value's type name, ``text`` a short rendering (empty when only the type is known),
    ``size`` the length of a string, bytes or container where it has one. ``masked`` says that the text
    was withheld because it is, or may be, a secret.
    """

    type: str
    text: str = ""
    size: int | None = None
    masked: bool = False


class Values(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What went into a call and what came out: by argument name, the result, or the exception raised."""

    arguments: dict[str, Value] = {}
    result: Value | None = None
    error: Value | None = None


class Span(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One activation of a function as it ran.

    ``id`` counts from 1 in depth-first order of the tree, ``parent`` is the id of the span it ran under
    (0 for the root and for orphans). ``function`` is an index into `RequestTree.functions`. ``start_ns`` and
    ``end_ns`` are nanoseconds since the recording's `RecordingHeader.epoch_ns`, on one clock for all
    processes; for a span that had not ended, ``end_ns`` is the last instant known of its lane and
    ``outcome`` says ``unfinished``. ``activation`` is 0 for a call and n for the n-th resumption of a
    generator. ``call_line`` is the 1-based line in the parent's file from which the call was made, 0
    where not known.
    ``link_detail`` says for a link what travelled (``POST /v2.1/servers``, ``build_and_run_instance``).
    """

    id: int
    parent: int
    function: int
    service: str
    pid: int
    thread: str
    start_ns: int
    end_ns: int
    outcome: Outcome = Outcome.RETURNED
    link: Link = Link.PLAIN
    link_detail: str = ""
    activation: int = 0
    call_line: int = 0
    values: Values | None = None

    @property
    def duration_ns(self) -> int:
        """Nanoseconds from start to end."""
        return self.end_ns - self.start_ns


class Orphan(msgspec.Struct, frozen=True, gc=False):
    """A span whose parent should exist and was not found, and why."""

    span: int
    reason: str


class UnansweredLink(msgspec.Struct, frozen=True, gc=False):
    """A message that left a span and at whose other end nothing was recorded, and why.

    Reasons are for instance that no probe runs there or that nobody listens.
    """

    span: int
    link: Link
    detail: str
    reason: str


class Lane(msgspec.Struct, frozen=True):
    """One process of the request: its service, pid, program, and how its recording ended."""

    service: str
    pid: int
    program: str
    python: str = ""
    collector: str = ""
    ended: str = ""
    """Empty when the lane was read whole; else what is missing from it and since when."""


class RecordingHeader(msgspec.Struct, frozen=True):
    """What a recording says of itself, so that nobody has to trust it blindly.

    ``epoch_ns`` is the Unix time in nanoseconds of the root span's start. ``links`` counts stitched
    links by kind. ``versions`` maps package or program to version.
    """

    scenario: str
    command: str
    trace_id: str
    epoch_ns: int
    created: str
    """ISO 8601, UTC."""
    spans: int
    functions: int
    links: dict[str, int]
    services: dict[str, int]
    """Spans by service."""
    lanes: list[Lane]
    orphans: list[Orphan]
    unanswered: list[UnansweredLink]
    versions: dict[str, str]
    facts: dict[str, str] = {}
    """What else is worth knowing of the run: accelerator, network mode, server id, how faithful it is."""
    notices: list[str] = []
    """Statements of incompleteness: what was cut, lost or skipped, and how much."""


class RequestTree:
    """All spans of one request, with one root, over all processes.

    Args:
        header: what the recording says of itself.
        functions: the table that `Span.function` indexes.
        spans: in depth-first order (a parent comes before its children; siblings by start).
    """

    def __init__(self, header: RecordingHeader, functions: Sequence[Function], spans: Sequence[Span]) -> None:
        self.header = header
        self.functions = functions
        self.spans = spans

    @cached_property
    def by_id(self) -> dict[int, Span]:
        """Spans by id."""
        return {span.id: span for span in self.spans}

    @cached_property
    def children(self) -> dict[int, list[Span]]:
        """Children of each span id in order of start; key 0 holds the root and the orphans."""
        result: dict[int, list[Span]] = {}
        for span in self.spans:
            result.setdefault(span.parent, []).append(span)
        return result

    @property
    def root(self) -> Span:
        """The span under which all others ran: the client's request."""
        return self.spans[0]

    def function(self, span: Span) -> Function:
        """The function that ``span`` ran."""
        return self.functions[span.function]

    def parent(self, span: Span) -> Span | None:
        """The span that ``span`` ran under, or None for the root and for orphans."""
        return self.by_id.get(span.parent)

    def ancestors(self, span: Span) -> Iterator[Span]:
        """The chain from the parent of ``span`` up to the root."""
        above = self.parent(span)
        while above is not None:
            yield above
            above = self.parent(above)

    @cached_property
    def services(self) -> list[str]:
        """The services on the request's way, in lane order."""
        return sorted({span.service for span in self.spans}, key=lane_order)

    @cached_property
    def hops(self) -> Counter[tuple[str, str, Link]]:
        """How often each (caller id, callee id, link) was seen."""
        return Counter(
            (self.function(above).id, self.function(span).id, span.link)
            for span in self.spans
            if (above := self.parent(span)) is not None
        )
