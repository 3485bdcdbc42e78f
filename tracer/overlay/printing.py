"""Prints an overlaid graph for people, and for other programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from tracer.model.branches import Branch, Branches, Why
from tracer.model.overlaid import MEANING, Overlaid, OverlaidEdge, Reason, Sighting
from tracer.overlay.score import Group, Score, Totals

_WAYS_NAMED = 3

_IN_WORDS: dict[Why, str] = {
    Why.OTHER_OVERRIDE: "another ran here",
    Why.EXCEPTION: "in a handler",
    Why.CONDITION: "under a condition",
    Why.OTHERWISE: "in the else of",
    Why.LOOP: "in a loop",
    Why.LOOP_ELSE: "in the else of a loop or try",
    Why.LATER: "made to be called later",
    Why.ON_DEMAND: "would load an attribute that was there, or was not asked for",
    Why.UNKNOWN: "the source does not tell",
}


class EdgeRecord(msgspec.Struct, omit_defaults=True):
    """One edge as a line of JSON."""

    caller: str
    callee: str
    kind: str
    standing: str
    predictions: list[dict[str, str | int]] = []
    sighting: Sighting | None = None
    seen_in: str = ""
    reason: Reason | None = None
    carried: bool = False
    """Only folding of wrapper frames shows it; its calls are counted on other edges."""


def records(graph: Overlaid, edges: Iterable[OverlaidEdge], *, carried: bool = False) -> Iterator[EdgeRecord]:
    """The edges as records for other programs."""
    for edge in edges:
        yield EdgeRecord(
            edge.caller,
            edge.callee,
            edge.kind,
            edge.standing,
            [msgspec.to_builtins(one) for one in edge.predictions],
            edge.sighting,
            graph.seen_share(edge) if edge.sighting else "",
            edge.reason,
            carried,
        )


def totals_lines(graph: Overlaid, totals: Totals) -> Iterator[str]:
    """The totals, a line each."""
    laid = ", ".join(f"{one.name} ({one.scenario})" for one in graph.recordings)
    yield f"{graph.label}, with {laid} laid over it"
    yield f"{totals.functions:,} functions, {totals.functions_that_ran:,} of them ran"
    yield f"{totals.edges:,} edges"
    folded = f" ({totals.folded_edges:,} of them through folded frames)" if totals.folded_edges else ""
    yield f"  {totals.confirmed:>8,}  seen and predicted{folded}"
    yield f"  {totals.not_taken.edges:>8,}  predicted, not taken"
    yield f"            {totals.not_taken.of_functions_that_ran:>8,}  by functions that ran"
    yield f"            {totals.not_taken.of_others:>8,}  by functions that did not run"
    outside = totals.not_taken.out_of_the_read_code
    yield f"            {outside:>8,}  out of the read code: no recording can tell"
    yield f"  {totals.unpredicted:>8,}  seen, not predicted"
    for cause in totals.causes:
        yield f"            {cause.edges:>8,}  {MEANING[cause.cause]}  ({cause.calls:,} calls)"
    yield ""
    yield f"{'kind':<14} {'edges':>8} {'seen and predicted':>20} {'not taken':>10} {'not predicted':>14}"
    for name, count, confirmed, not_taken, unpredicted in (
        *((one.kind, one.edges, one.confirmed, one.not_taken, one.unpredicted) for one in totals.kinds),
        ("all", totals.edges, totals.confirmed, totals.not_taken.edges, totals.unpredicted),
    ):
        yield f"{name:<14} {count:>8,} {confirmed:>20,} {not_taken:>10,} {unpredicted:>14,}"
    yield ""
    yield f"{'service':<16} {'calls':>8} {'predicted':>12} {'not predicted':>14}"
    for one in totals.services:
        yield f"{one.service:<16} {one.calls:>8,} {one.confirmed:>12,} {one.unpredicted:>14,}"
    yield f"{'all':<16} {totals.calls:>8,} {totals.confirmed_calls:>12,} {totals.unpredicted_calls:>14,}"


def score_lines(score: Score) -> Iterator[str]:
    """How much was predicted, and everything that was not, by cause."""
    yield "Of the calls that were seen from one read function to another, the graph has:"
    for group, what in (
        (score.direct, "called by the caller's own line"),
        (score.hidden, "with code in between that was not recorded"),
        (score.links, "by message, request, thread or privileged call"),
    ):
        yield f"  {group.share:>6.1%}  {group.found:>6,} of {group.total:>6,}  {what}"
    yield f"Left out: {score.on_import:,} bodies of modules and classes that ran on import."
    if score.comprehensions:
        yield f"Left out: {score.comprehensions:,} calls of and from comprehensions as frames of their own."
    for group in (score.direct, score.hidden, score.links):
        yield from _missing(group)


def _missing(group: Group) -> Iterator[str]:
    cause = None
    for edge in group.missing:
        if edge.reason is None:
            continue
        if edge.reason.cause is not cause:
            cause = edge.reason.cause
            count = sum(one.reason is not None and one.reason.cause is cause for one in group.missing)
            yield ""
            yield f"{count:,} {MEANING[cause]}:"
        yield f"  {edge.caller} -> {edge.callee}"
        yield f"      {edge.reason.detail}"


def around_lines(graph: Overlaid, found: Branches, *, unfolded: bool) -> Iterator[str]:
    """A function: who called it, what it called, and the paths that it did not take."""
    one = graph.functions[found.function]
    services = ", ".join(f"{name} {times:,}" for name, times in one.services)
    yield f"{found.function}  {one.function.file}:{one.function.line}"
    yield f"called {found.times:,} times" + (f" ({services})" if services else "")
    for title, edges, end in (
        ("callers that were seen", graph.incoming.get(found.function, []), "caller"),
        ("went to", graph.outgoing.get(found.function, []), "callee"),
    ):
        seen = [edge for edge in edges if edge.sighting]
        yield f"{title}: {len(seen)}"
        for edge in seen:
            name = edge.caller if end == "caller" else edge.callee
            yield f"  {edge.times:>6,}x {name}  {_how(graph, edge)}"
    yield f"could have gone, and did not: {found.ways:,}"
    for branch in found.branches:
        yield from _branch(branch, unfolded=unfolded)
    if found.outside:
        yield f"  {found.outside:,} more lead out of the read code: no recording can tell"
    if found.ways and not unfolded:
        yield "(--unfold shows every one)"


def _how(graph: Overlaid, edge: OverlaidEdge) -> str:
    said = [str(edge.kind)]
    if len(graph.recordings) > 1:
        said.append(graph.seen_share(edge))
    if edge.sighting and edge.sighting.lines:
        said.append("line " + ", ".join(map(str, edge.sighting.lines)))
    if edge.sighting and edge.sighting.through:
        said.append(f"through {len(edge.sighting.through)} frames")
    if edge.reason:
        said.append(f"not predicted: {MEANING[edge.reason.cause]}")
    return ", ".join(said)


def _branch(branch: Branch, *, unfolded: bool) -> Iterator[str]:
    head = f": {branch.head}" if branch.head else ""
    yield f"  {branch.file}:{branch.line}  {_IN_WORDS[branch.why]}{head}"
    if unfolded:
        for way in branch.ways:
            on = f", goes on to {way.goes_on}" if way.goes_on else ""
            yield f"      line {way.line}: {way.callee}  ({way.kind}, {way.certainty}{on})"
        return
    names = [way.callee.rpartition(":")[2] for way in branch.ways[:_WAYS_NAMED]]
    more = len(branch.ways) - len(names)
    yield f"      {', '.join(names)}" + (f" and {more} more" if more else "")
