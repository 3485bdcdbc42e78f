"""Differences of one recording that unchanged code makes as well, now and then.

Two things show it. An exception was caught that no learnt recording caught: a race was lost, a service was
busy; what was called because of it, and what it cut short, is no sign of a change. And of ways that only some
of the learnt recordings took, such as the first use of a cache or a message that may come early or late, too
little is known to say where else they lead.
A second recording of the same code tells: what all do is judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracer.regression.caught import Caught
from tracer.regression.flow import Edge, Flow, Seen

_SHOWN = 3
_MORE = "check a second recording as well: what both do is judged"


@dataclass(frozen=True)
class Uncertain:
    """Edges that are not judged, the functions whose order is not, and why, in sentences."""

    added: frozenset[Edge] = frozenset()
    removed: frozenset[Edge] = frozenset()
    callers: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


def uncertain(
    old: Mapping[Edge, Seen],
    known: Collection[Caught],
    flow: Flow,
    added: Collection[Edge],
    removed: Collection[Edge],
) -> Uncertain:
    """Which of the differences may well be none.

    Args:
        old: the baseline's edges of recordings.
        known: what the learnt recordings caught.
        flow: of one recording.
        added: edges that are new in it.
        removed: edges that it should have and has not.
    """
    into = _callers(old)
    ways = {edge[:3] for edge in old}
    seen = {callee for edge in old for callee in edge[1:3]}
    new = {
        caught
        for caught in flow.caught
        if caught not in known and (caught.callee not in seen or caught in ways)
    }
    cut_short = frozenset[str]().union(*(flow.caught[caught] for caught in new))
    afterwards = {edge for edge in added if edge in flow.after and all(one & new for one in flow.after[edge])}
    seldom = _only_under_optional(old, flow, added)
    into_new = _callers(flow.edges)

    def only_called_by(edge: Edge, found: set[Edge]) -> bool:
        return edge.caller not in seen and all(one in found for one in into_new.get(edge.caller, (edge,)))

    def only_reached_by(edge: Edge, found: set[Edge]) -> bool:
        leading = into.get(edge.caller, ())
        if edge.caller in flow.members or not leading:
            return False
        return all(one in found or old[one].optional for one in leading)

    excused = _with_what_follows(afterwards | seldom, added, only_called_by)
    missed = {edge for edge in removed if edge.caller in cut_short}
    missing = _with_what_follows(missed, removed, only_reached_by)
    if not excused and not missing:
        return Uncertain(callers=cut_short)
    return Uncertain(
        frozenset(excused),
        frozenset(missing),
        cut_short | {edge.caller for edge in excused | missing},
        tuple(_notes(new if afterwards or missing else (), excused - seldom, missing, seldom)),
    )


def _only_under_optional(old: Mapping[Edge, Seen], flow: Flow, added: Collection[Edge]) -> set[Edge]:
    """Those of ``added`` that were never made but on ways that only some of the learnt recordings took."""
    optional = {edge for edge, seen in old.items() if seen.optional}
    under: list[bool] = []
    times: defaultdict[Edge, list[bool]] = defaultdict(list)
    for edge, above in flow.ways:
        under.append(above >= 0 and (under[above] or flow.ways[above][0] in optional))
        times[edge].append(under[-1])
    return {edge for edge in added if times[edge] and all(times[edge])}


def _callers(edges: Iterable[Edge]) -> dict[str, list[Edge]]:
    """The edges that lead to each function."""
    found: defaultdict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        found[edge.callee].append(edge)
    return found


def _with_what_follows(
    edges: set[Edge], others: Collection[Edge], follows: Callable[[Edge, set[Edge]], bool]
) -> set[Edge]:
    """``edges``, and those of ``others`` that follow from what is found already, until there are no more."""
    found = set(edges)
    while more := {edge for edge in set(others) - found if follows(edge, found)}:
        found |= more
    return found


def _notes(
    caught: Iterable[Caught], added: Collection[Edge], missing: Collection[Edge], seldom: Collection[Edge]
) -> Iterable[str]:
    shown = sorted(caught)
    count = len(added) + len(missing)
    if shown and count:
        yield (
            f"{_some([f'{one.caller} caught what {one.callee} raised' for one in shown])}, as in no learnt"
            f" recording; differences that may follow from it, not judged: {count}; {_MORE}"
        )
    if seldom:
        yield (
            "on ways that only some of the learnt recordings took, calls that none of them made, by"
            f" {_some(sorted({edge.caller for edge in seldom}))}, not judged: {len(seldom)}; {_MORE}"
        )


def _some(told: Sequence[str]) -> str:
    more = [f"{len(told) - _SHOWN} more"] if len(told) > _SHOWN else []
    return ", ".join([*told[:_SHOWN], *more])
