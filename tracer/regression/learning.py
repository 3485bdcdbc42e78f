"""What varies between recordings of the same code: learnt from several of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from tracer.model.function import Function
from tracer.regression.caught import Caught
from tracer.regression.flow import Chain, Edge, Flow, Part, Seen


def learnt(flows: Sequence[Flow]) -> Flow:
    """One flow of several recordings: edges that all have are required, the others optional.

    Its order is what any of them did: where they differ, both directions are there, and there is no order.

    Args:
        flows: runtime flows, at least one.
    """
    first = flows[0]
    counts: Counter[Edge] = Counter(edge for flow in flows for edge in flow.edges)
    lines: defaultdict[Edge, set[int]] = defaultdict(set)
    functions: dict[str, Function] = {}
    for flow in flows:
        functions.update(flow.functions)
        for edge, seen in flow.edges.items():
            lines[edge].update(seen.lines)
    edges = {
        edge: Seen(0, any(edge not in flow.edges for flow in flows), tuple(sorted(lines[edge])))
        for edge in sorted(counts)
    }
    return Flow(
        Part.RUNTIME,
        first.label,
        edges,
        {place: _together(flows, place) for place in sorted({one for flow in flows for one in flow.order})},
        True,
        functions,
        frozenset().union(*(flow.members for flow in flows)),
        first.scenario,
        first.configuration,
        len(flows),
        tuple(dict.fromkeys(note for flow in flows for note in flow.notes)),
        _caught(flows),
        first.after if len(flows) == 1 else {},
        first.ways if len(flows) == 1 else (),
    )


def _caught(flows: Sequence[Flow]) -> dict[Caught, frozenset[str]]:
    found: defaultdict[Caught, frozenset[str]] = defaultdict(frozenset)
    for flow in flows:
        for caught, cut_short in flow.caught.items():
            found[caught] |= cut_short
    return dict(found)


def _together(flows: Sequence[Flow], place: tuple[str, str]) -> frozenset[Chain]:
    return frozenset[Chain]().union(*(flow.order.get(place, frozenset()) for flow in flows))
