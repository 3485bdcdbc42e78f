"""Totals of an overlaid graph, and how much of what was seen the analyzer had predicted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from tracer.model.kinds import CallKind, lane_order
from tracer.model.overlaid import Cause, Overlaid, OverlaidEdge, Sighting, Standing

DIRECT_MISSES = (Cause.GAP, Cause.COMPUTED_NAME, Cause.OPERATOR, Cause.NAMING)
"""Causes of a call that the caller's own line makes."""
HIDDEN_FRAMES = (Cause.THROUGH_LIBRARY, Cause.THROUGH_C)
"""Causes of a call between whose ends code ran that was not recorded."""
_LINKS = frozenset(
    (
        CallKind.SPAWN,
        CallKind.RPC_CALL,
        CallKind.RPC_CAST,
        CallKind.RPC_FANOUT,
        CallKind.REST,
        CallKind.PRIVSEP,
        CallKind.REMOTE_OBJECT,
    )
)


_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>")


class OfService(msgspec.Struct, frozen=True):
    """What one service called; ``confirmed`` and ``unpredicted`` add up to ``calls``."""

    service: str
    calls: int
    confirmed: int
    unpredicted: int


class OfKind(msgspec.Struct, frozen=True):
    """The edges of one kind, by standing."""

    kind: CallKind
    confirmed: int
    not_taken: int
    unpredicted: int

    @property
    def edges(self) -> int:
        """All of them."""
        return self.confirmed + self.not_taken + self.unpredicted


class OfCause(msgspec.Struct, frozen=True):
    """The edges and calls that were not predicted for one cause."""

    cause: Cause
    edges: int
    calls: int


class NotTaken(msgspec.Struct, frozen=True):
    """Why predicted edges were not seen, as far as that is plain; the parts add up to ``edges``.

    ``of_functions_that_ran``: their caller ran and did not go there. ``of_others``: their caller did not run.
    ``out_of_the_read_code``: they lead to code that was not read; whether they were taken is not known.
    """

    edges: int
    of_functions_that_ran: int
    of_others: int
    out_of_the_read_code: int


class Totals(msgspec.Struct, frozen=True):
    """The whole graph in numbers.

    ``services``, ``confirmed_calls`` and ``unpredicted_calls`` count calls as they were seen, each once;
    ``kinds`` counts edges. ``folded_edges`` are confirmed only by folding the frames in between, whose calls
    are counted on their own edges.
    """

    recordings: int
    functions: int
    functions_that_ran: int
    edges: int
    confirmed: int
    folded_edges: int
    unpredicted: int
    not_taken: NotTaken
    calls: int
    confirmed_calls: int
    unpredicted_calls: int
    kinds: list[OfKind]
    services: list[OfService]
    causes: list[OfCause]


class Group(msgspec.Struct, frozen=True):
    """Pairs of read functions of one sort: how many were predicted of how many seen, and what is missing."""

    found: int
    missing: list[OverlaidEdge]

    @property
    def total(self) -> int:
        """How many pairs were seen."""
        return self.found + len(self.missing)

    @property
    def share(self) -> float:
        """The share that was predicted; 1 where nothing was seen."""
        return self.found / self.total if self.total else 1.0


class Score(msgspec.Struct, frozen=True):
    """How many of the seen pairs of read functions the analyzer had predicted.

    ``direct``: the caller's own line calls, reads or operates on the callee. ``hidden``: code that was not
    recorded ran in between, so that no line of the caller names the callee; such a pair is found where the
    graph has a path through that code. ``links``: messages, requests, threads and privileged calls, from the
    function that sent to the one that was meant. ``on_import``: bodies of modules and classes, which no call
    site calls; left out of the score.
    """

    direct: Group
    hidden: Group
    links: Group
    on_import: int
    comprehensions: int


def totals(graph: Overlaid) -> Totals:
    """Count everything."""
    standings = Counter(edge.standing for edge in graph.edges)
    kinds: dict[CallKind, Counter[Standing]] = {}
    services: dict[str, Counter[Standing]] = {}
    causes: dict[Cause, list[int]] = {}
    folded = 0
    for edge in graph.edges:
        kinds.setdefault(edge.kind, Counter())[edge.standing] += 1
        seen = edge.sighting
        if seen is None:
            continue
        folded += seen.folded
        if not seen.folded:
            for pair in seen.services:
                services.setdefault(pair.caller, Counter())[edge.standing] += pair.times
        if edge.reason is not None:
            sums = causes.setdefault(edge.reason.cause, [0, 0])
            sums[0] += 1
            sums[1] += _own_calls(seen)
    by_service = [
        OfService(name, count.total(), count[Standing.CONFIRMED], count[Standing.UNPREDICTED])
        for name, count in sorted(services.items(), key=lambda item: lane_order(item[0]))
    ]
    return Totals(
        recordings=len(graph.recordings),
        functions=len(graph.functions),
        functions_that_ran=sum(bool(one.seen_in) for one in graph.functions.values()),
        edges=len(graph.edges),
        confirmed=standings[Standing.CONFIRMED],
        folded_edges=folded,
        unpredicted=standings[Standing.UNPREDICTED],
        not_taken=_not_taken(graph),
        calls=sum(one.calls for one in by_service),
        confirmed_calls=sum(one.confirmed for one in by_service),
        unpredicted_calls=sum(one.unpredicted for one in by_service),
        kinds=[
            OfKind(
                kind,
                count[Standing.CONFIRMED],
                count[Standing.NOT_TAKEN],
                count[Standing.UNPREDICTED],
            )
            for kind, count in sorted(kinds.items(), key=lambda item: list(CallKind).index(item[0]))
        ],
        services=by_service,
        causes=[OfCause(cause, *causes[cause]) for cause in Cause if cause in causes],
    )


def _own_calls(seen: Sighting) -> int:
    return 0 if seen.folded else seen.times


def _not_taken(graph: Overlaid) -> NotTaken:
    outside = ran = others = 0
    for edge in graph.edges:
        if edge.standing is not Standing.NOT_TAKEN:
            continue
        if not graph.functions[edge.callee].read:
            outside += 1
        elif graph.functions[edge.caller].seen_in:
            ran += 1
        else:
            others += 1
    return NotTaken(outside + ran + others, ran, others, outside)


def score(graph: Overlaid, packages: Sequence[str] = ()) -> Score:
    """How much of what was seen between read functions had been predicted.

    Args:
        graph: the overlaid graph.
        packages: only pairs whose both ends are in these packages; empty for all that was read.
    """
    direct: list[OverlaidEdge] = []
    hidden: list[OverlaidEdge] = []
    links: list[OverlaidEdge] = []
    on_import = comprehensions = 0
    for edge in (*graph.edges, *graph.carried):
        seen = edge.sighting
        if seen is None or not _counts(graph, edge, packages):
            continue
        if edge.callee.endswith(":<module>") or (
            edge.reason is not None and edge.reason.cause is Cause.IMPORT_TIME
        ):
            on_import += 1
        elif edge.caller.endswith(_COMPREHENSIONS) or edge.callee.endswith(_COMPREHENSIONS):
            comprehensions += 1
        elif edge.kind in _LINKS:
            links.append(edge)
        elif edge.predictions:
            if not seen.folded:
                (hidden if seen.through else direct).append(edge)
        elif edge.reason is not None and edge.reason.cause in DIRECT_MISSES:
            direct.append(edge)
        elif edge.reason is not None and edge.reason.cause in HIDDEN_FRAMES:
            hidden.append(edge)
    return Score(_group(direct), _group(hidden), _group(_meant(links)), on_import, comprehensions)


def _meant(links: list[OverlaidEdge]) -> list[OverlaidEdge]:
    """Without what ran beside the function that a message was for (its serializers, its bookkeeping)."""
    reached = {(edge.caller, edge.kind) for edge in links if edge.predictions}
    return [edge for edge in links if edge.predictions or (edge.caller, edge.kind) not in reached]


def _counts(graph: Overlaid, edge: OverlaidEdge, packages: Sequence[str]) -> bool:
    """Whether both ends are in read modules (of the chosen packages)."""
    if edge.reason is not None and edge.reason.cause in (Cause.CALLER_NOT_READ, Cause.CALLEE_NOT_READ):
        return False
    if edge.reason is not None and edge.reason.cause is Cause.THROUGH_WRAPPERS and edge.kind not in _LINKS:
        return False
    ends = [graph.functions[edge.caller], graph.functions[edge.callee]]
    if edge.reason is None and not all(one.read for one in ends):
        return False
    return not packages or all(one.function.module.partition(".")[0] in packages for one in ends)


def _group(edges: Iterable[OverlaidEdge]) -> Group:
    every = list(edges)
    missing = [edge for edge in every if not edge.predictions]
    order = list(Cause)
    missing.sort(
        key=lambda edge: (order.index(edge.reason.cause) if edge.reason else 0, edge.caller, edge.callee)
    )
    return Group(len(every) - len(missing), missing)
