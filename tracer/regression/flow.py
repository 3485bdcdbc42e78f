"""Flow: the calls that a source tree can make, or that requests made, in a form that two of them can be
compared.

A flow knows nothing of line numbers, times, addresses or ids in what is compared; places are kept beside it,
to be shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from tracer.model.function import Function
from tracer.model.kinds import CallKind
from tracer.regression.caught import Catches, Caught

NO_LANE = "-"
"""The lane of what was read and not run: source does not say which service will run it."""
UNKNOWN = "?"
"""The module of a callee that is known by its written name only, as in ``?:spawn``."""
CROSSINGS = frozenset(
    (
        CallKind.RPC_CAST,
        CallKind.RPC_CALL,
        CallKind.RPC_FANOUT,
        CallKind.REST,
        CallKind.PRIVSEP,
        CallKind.NATIVE,
    )
)
"""Kinds of calls that leave the process or Python."""


class Part(StrEnum):
    """Where a flow comes from."""

    STATIC = "static"
    RUNTIME = "runtime"


class Edge(NamedTuple):
    """One way of control: in ``lane`` (the caller's service), from one function id to another, by
    ``kind``."""

    lane: str
    caller: str
    callee: str
    kind: str


class Seen(NamedTuple):
    """What is known of an edge beside its identity.

    ``times`` is the number of places in the caller's text that are written as a call of the callee's name (0:
    not counted), ``optional`` says that only some of the learnt recordings had it, ``lines`` are lines of the
    caller's file, to be shown.
    """

    times: int = 0
    optional: bool = False
    lines: tuple[int, ...] = ()


Chain = tuple[str, str]
"""Two names of calls of one caller of which the first comes before the second."""


@dataclass(frozen=True)
class Flow:
    """Edges of one part, with the order in which callers make dependent calls.

    ``order`` holds, for a lane and caller, all pairs of names of which the first comes before a second that
    depends on it; where both directions were seen, there is no order. ``ordered`` says whether order and
    times were looked at, at all. ``functions`` says where functions stand; ``members`` are the functions that
    the flow is about, also those without calls. ``caught`` are the exceptions that were caught, with the
    functions that they cut short; ``after`` says of an edge that was never seen without it what had been
    caught before, each time that it was seen. ``ways`` are the calls of one recording in their order, each
    with the position of the call that it was made under (-1: of none).
    """

    part: Part
    label: str = ""
    edges: Mapping[Edge, Seen] = field(default_factory=dict)
    order: Mapping[tuple[str, str], frozenset[Chain]] = field(default_factory=dict)
    ordered: bool = False
    functions: Mapping[str, Function] = field(default_factory=dict)
    members: frozenset[str] = frozenset()
    scenario: str = ""
    configuration: str = ""
    runs: int = 0
    notes: tuple[str, ...] = ()
    caught: Mapping[Caught, frozenset[str]] = field(default_factory=dict)
    after: Mapping[Edge, frozenset[Catches]] = field(default_factory=dict)
    ways: Sequence[tuple[Edge, int]] = ()

    def only(self, members: Iterable[str]) -> Flow:
        """The flow of these functions: what they call, and in which order."""
        kept = frozenset(members)
        return Flow(
            self.part,
            self.label,
            {edge: seen for edge, seen in self.edges.items() if edge.caller in kept},
            {place: chains for place, chains in self.order.items() if place[1] in kept},
            self.ordered,
            self.functions,
            kept,
            self.scenario,
            self.configuration,
            self.runs,
            self.notes,
            {one: cut for one, cut in self.caught.items() if one.caller in kept},
            self.after,
            self.ways,
        )


def simple_name(identity: str) -> str:
    """The last name of a function id; a constructor goes by its class's name."""
    names = identity.rpartition(":")[2].split(".")
    if names[-1] in ("__init__", "__new__", "__call__") and len(names) > 1:
        return names[-2]
    return names[-1]
