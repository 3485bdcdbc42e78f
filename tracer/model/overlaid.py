"""A static call graph and recordings laid over each other: what was predicted, what was seen, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from functools import cached_property
from pathlib import Path

import msgspec

from tracer.model.function import Function
from tracer.model.kinds import CallKind, Certainty
from tracer.model.observed import ServicePair
from tracer.model.whole_file import write_whole

FORMAT_NAME = "stackwalk-overlay"
"""What the first line of a saved overlaid graph begins with."""


class OverlaidError(Exception):
    """An overlaid graph that cannot be read: what is wrong and, where there is one, a remedy."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class Standing(StrEnum):
    """How an edge stands between what was predicted and what was seen."""

    CONFIRMED = "seen-and-predicted"
    NOT_TAKEN = "predicted-not-taken"
    UNPREDICTED = "seen-not-predicted"


class Cause(StrEnum):
    """Why an edge was seen and not predicted."""

    CALLER_NOT_READ = "caller-not-read"
    CALLEE_NOT_READ = "callee-not-read"
    THROUGH_LIBRARY = "through-library"
    """The caller called code outside the read trees, which called back."""
    THROUGH_C = "through-c"
    """The caller called C code, which called back."""
    OPERATOR = "operator"
    """An operator, a truth test, a loop or another protocol on a value whose class is not known."""
    COMPUTED_NAME = "computed-name"
    IMPORT_TIME = "import-time"
    """A module or class body, which runs when it is imported."""
    NAMING = "naming"
    """This Python gives the code another name, or none, as it runs."""
    THROUGH_WRAPPERS = "through-wrappers"
    """Frames that only carry calls on were folded into it; each of their calls has an edge of its own."""
    OTHER_PROCESS = "other-process"
    """The link leads to another process, and nothing in the read code says to which function."""
    GAP = "gap"
    """The call is plainly there; the analyzer does not see where it leads."""


MEANING: dict[Cause, str] = {
    Cause.CALLER_NOT_READ: "the caller is outside of the read trees",
    Cause.CALLEE_NOT_READ: "the callee is outside of the read trees",
    Cause.THROUGH_LIBRARY: "called back by library code outside of the read trees",
    Cause.THROUGH_C: "called back by C code",
    Cause.OPERATOR: "an operator or protocol on a value of unknown class",
    Cause.COMPUTED_NAME: "the callee's name is computed at run time",
    Cause.IMPORT_TIME: "a module or class body that ran on import",
    Cause.NAMING: "the code has another name at run time",
    Cause.THROUGH_WRAPPERS: "wrapper frames in between were folded",
    Cause.OTHER_PROCESS: "a link to another process that no rule knows",
    Cause.GAP: "not found by the analyzer",
}
"""What each cause says, for people."""


class Reason(msgspec.Struct, frozen=True, gc=False):
    """Why an edge was seen and not predicted: the cause, and the fact that it was worked out from."""

    cause: Cause
    detail: str = ""


class Prediction(msgspec.Struct, frozen=True, gc=False, order=True):
    """One place from which a static rule leads from the caller to the callee; ``line`` is 1-based."""

    certainty: Certainty
    line: int
    kind: CallKind
    rule: str
    file: str


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """How an edge was seen.

    ``services`` has an entry for each pair of services, whose ``times`` add up to ``times`` over all
    recordings. ``lines`` are the 1-based lines in the caller's file. ``seen_in`` are the indices of the
    recordings in which it was seen. ``through`` are the ids of the frames that ran in between and were
    folded into the edge, outermost first, as they were when it was first seen. ``first`` is the id of the
    first such span in the first of ``seen_in``. ``folded`` says that the frames in between were recorded, so
    that the same calls are counted on the edges of these frames, too.
    """

    times: int
    services: tuple[ServicePair, ...]
    lines: tuple[int, ...]
    seen_in: tuple[int, ...]
    through: tuple[str, ...] = ()
    first: int = 0
    folded: bool = False


class OverlaidEdge(msgspec.Struct, frozen=True, gc=False):
    """One edge with all of its evidence: predictions (surest first), a sighting, or both.

    ``kind`` is that of the surest prediction, else that of the link that was seen. ``reason`` is there for
    edges that were seen and not predicted.
    """

    caller: str
    callee: str
    kind: CallKind
    predictions: tuple[Prediction, ...] = ()
    sighting: Sighting | None = None
    reason: Reason | None = None

    @property
    def standing(self) -> Standing:
        """Whether it was predicted, seen, or both."""
        if self.sighting is None:
            return Standing.NOT_TAKEN
        return Standing.CONFIRMED if self.predictions else Standing.UNPREDICTED

    @property
    def times(self) -> int:
        """How often it was seen, over all recordings."""
        return self.sighting.times if self.sighting else 0


class OverlaidFunction(msgspec.Struct, frozen=True, gc=False):
    """One function: whether it is in the read trees, and how often it ran in which service."""

    function: Function
    read: bool
    services: tuple[tuple[str, int], ...] = ()
    """Service and calls there, in lane order."""
    seen_in: tuple[int, ...] = ()
    carries: bool = False
    """Whether it only carries calls on: a decorator's closure, a proxy, a dispatcher."""

    @property
    def id(self) -> str:
        """The function's id."""
        return self.function.id

    @property
    def times(self) -> int:
        """How often it was called, over all recordings."""
        return sum(times for _, times in self.services)


class Laid(msgspec.Struct, frozen=True, gc=False):
    """A recording that was laid over the graph."""

    name: str
    scenario: str
    trace_id: str
    spans: int


class Overlaid:
    """One graph of what could happen and what did; immutable.

    Args:
        label: what was read (``nova=34.0.0``).
        recordings: what was laid over it; `Sighting.seen_in` indexes these.
        functions: every function of an edge, and every one that ran.
        edges: every edge, in any order.
        carried: what was seen from one function to another with nothing but wrapper frames in between, where
            that is not among ``edges`` already; these show when wrappers are folded (`folded`).
    """

    def __init__(
        self,
        label: str,
        recordings: Sequence[Laid],
        functions: Iterable[OverlaidFunction],
        edges: Iterable[OverlaidEdge],
        carried: Iterable[OverlaidEdge] = (),
    ) -> None:
        self.label = label
        self.recordings = tuple(recordings)
        self.functions = {one.id: one for one in sorted(functions, key=lambda one: one.id)}
        self.edges = sorted(edges, key=_order)
        self.carried = sorted(carried, key=_order)

    @cached_property
    def outgoing(self) -> dict[str, list[OverlaidEdge]]:
        """The edges by caller, sorted by callee."""
        result: dict[str, list[OverlaidEdge]] = {}
        for edge in self.edges:
            result.setdefault(edge.caller, []).append(edge)
        return result

    @cached_property
    def incoming(self) -> dict[str, list[OverlaidEdge]]:
        """The edges by callee, sorted by caller."""
        result: dict[str, list[OverlaidEdge]] = {}
        for edge in self.edges:
            result.setdefault(edge.callee, []).append(edge)
        return result

    def seen_share(self, edge: OverlaidEdge) -> str:
        """In how many recordings the edge was seen, in words (``seen in 2 of 3``)."""
        seen = len(edge.sighting.seen_in) if edge.sighting else 0
        return f"seen in {seen} of {len(self.recordings)}"

    def folded(self) -> Overlaid:
        """The graph without wrappers and other carrying frames, whose calls go from end to end instead."""
        keep = {name: one for name, one in self.functions.items() if not one.carries}
        edges = [edge for edge in (*self.edges, *self.carried) if edge.caller in keep and edge.callee in keep]
        return Overlaid(self.label, self.recordings, keep.values(), edges)

    def to_bytes(self) -> bytes:
        """The graph in its file format; the same graph always gives the same bytes."""
        from tracer.model.stored_overlaid import encode_overlaid

        return encode_overlaid(self)

    def save(self, path: Path) -> None:
        """Write the graph to ``path`` (whole or not at all)."""
        write_whole(path, self.to_bytes())

    @classmethod
    def load(cls, path: Path) -> Overlaid:
        """Read an overlaid graph.

        Raises:
            OverlaidError: the file is missing, truncated, corrupt, of another format or version.
        """
        from tracer.model.stored_overlaid import read_overlaid

        return read_overlaid(path)

    @classmethod
    def from_bytes(cls, data: bytes) -> Overlaid:
        """Read an overlaid graph from its file format; see `load`."""
        from tracer.model.stored_overlaid import decode_overlaid

        return decode_overlaid(data)


def _order(edge: OverlaidEdge) -> tuple[str, str, str]:
    return edge.caller, edge.callee, edge.kind
