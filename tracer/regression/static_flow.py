"""From a call graph, and the calls as they are written, to a flow."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from tracer.model.graph import CallGraph
from tracer.model.kinds import CallKind, Certainty
from tracer.model.steps import Step
from tracer.regression.flow import NO_LANE, UNKNOWN, Edge, Flow, Part, Seen, simple_name
from tracer.regression.ordering import ordered_pairs

_COMMON = frozenset(
    name for kind in (str, bytes, list, dict, set, tuple, int, float) for name in dir(kind)
) | frozenset(
    (
        "set",
        "close",
        "read",
        "write",
        "open",
        "start",
        "stop",
        "run",
        "wait",
        "join",
        "flush",
        "debug",
        "info",
    )
)
"""Names that say nothing of who is called: most values have a method of this name."""


def static_flow(
    graph: CallGraph, steps: Mapping[str, Sequence[Step]] | None = None, *, configuration: str = ""
) -> Flow:
    """What the code of ``graph`` can call.

    Calls that lead out of the code that was read are left out, but for those to native code. With ``steps``,
    edges say how often they are written and in which order; a written call that leads nowhere known, by a
    name that some function of the code has, becomes an edge to `UNKNOWN`; and decorators become edges of the
    function that they decorate.

    Args:
        graph: what was read.
        steps: the functions' calls as they are written, by function id; None where there is no source.
        configuration: how it was read.
    """
    functions = {function.id: function for function in graph.functions()}
    inside = {identity for identity, function in functions.items() if function.file}
    lines: defaultdict[Edge, set[int]] = defaultdict(set)
    for call in graph.calls():
        known = call.callee in inside or call.kind is CallKind.NATIVE
        if known and call.certainty is not Certainty.BY_NAME:
            lines[Edge(NO_LANE, call.caller, call.callee, str(call.kind))].add(call.line)
    times: Counter[Edge] = Counter()
    order: dict[tuple[str, str], frozenset[tuple[str, str]]] = {}
    if steps is not None:
        times, order = _add_steps(lines, steps, inside)
    edges = {
        edge: Seen(times.get(edge, 0), lines=tuple(sorted(found))) for edge, found in sorted(lines.items())
    }
    return Flow(
        Part.STATIC,
        graph.summary.label,
        edges,
        order,
        steps is not None,
        functions,
        frozenset(inside),
        configuration=configuration,
        notes=tuple(graph.summary.warnings),
    )


def _add_steps(
    lines: defaultdict[Edge, set[int]], steps: Mapping[str, Sequence[Step]], inside: set[str]
) -> tuple[Counter[Edge], dict[tuple[str, str], frozenset[tuple[str, str]]]]:
    by_name: defaultdict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in lines:
        by_name[edge.caller, simple_name(edge.callee)].append(edge)
    defined = {simple_name(identity) for identity in inside} - _COMMON
    times: Counter[Edge] = Counter()
    order = {}
    for caller, written in steps.items():
        if caller not in inside:
            continue
        for step in written:
            for edge in _edges_of(caller, step, by_name, defined):
                times[edge] += 1
                lines[edge].add(step.line)
        tracked = frozenset(
            step.name
            for step in written
            if step.name.startswith("@") or (caller, step.name) in by_name or step.name in defined
        )
        pairs = ordered_pairs(written, tracked)
        if pairs:
            order[NO_LANE, caller] = pairs
    return times, order


def _edges_of(
    caller: str, step: Step, by_name: Mapping[tuple[str, str], list[Edge]], defined: set[str]
) -> list[Edge]:
    """The edges that ``step`` is the writing of."""
    if step.name.startswith("@"):
        return [Edge(NO_LANE, caller, f"{UNKNOWN}:{step.name[1:]}", str(CallKind.DECORATOR))]
    known = by_name.get((caller, step.name))
    if known is not None:
        return known
    if step.name in defined:
        return [Edge(NO_LANE, caller, f"{UNKNOWN}:{step.name}", str(CallKind.CALL))]
    return []
