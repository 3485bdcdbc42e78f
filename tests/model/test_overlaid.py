"""Overlaid graphs: how an edge stands, and that a file of one is read whole or refused."""

from __future__ import annotations

from pathlib import Path

from tracer.model.function import Function
from tracer.model.kinds import CallKind, Certainty
from tracer.model.observed import ServicePair
from tracer.model.overlaid import (
    Cause,
    Laid,
    Overlaid,
    OverlaidEdge,
    OverlaidFunction,
    Prediction,
    Reason,
    Sighting,
    Standing,
)

PREDICTED = Prediction(Certainty.EXACT, 7, CallKind.CALL, "flow", "m.py")
SEEN = Sighting(3, (ServicePair("nova-api", "nova-api", 3),), (7,), (0, 2), ("lib:call",), 12)
BOTH = OverlaidEdge("m:a", "m:b", CallKind.CALL, (PREDICTED,), SEEN)
NOT_TAKEN = OverlaidEdge("m:a", "m:c<'\"&é>", CallKind.SPAWN, (PREDICTED,))
UNPREDICTED = OverlaidEdge(
    "m:b", "m:a", CallKind.CALL, sighting=SEEN, reason=Reason(Cause.THROUGH_LIBRARY, "lib:call")
)


def graph() -> Overlaid:
    functions = [
        OverlaidFunction(Function("m:b", "m.py", 9), True, (("nova-api", 3),), (0, 2)),
        OverlaidFunction(Function("m:a", "m.py", 1), True),
        OverlaidFunction(Function("m:c<'\"&é>"), False),
    ]
    recordings = [Laid(name, "create", name * 32, 5) for name in "xyz"]
    return Overlaid("demo=1", recordings, functions, [UNPREDICTED, NOT_TAKEN, BOTH])


def test_an_edge_stands_where_its_evidence_puts_it() -> None:
    assert [edge.standing for edge in (BOTH, NOT_TAKEN, UNPREDICTED)] == [
        Standing.CONFIRMED,
        Standing.NOT_TAKEN,
        Standing.UNPREDICTED,
    ]
    assert [edge.times for edge in (BOTH, NOT_TAKEN)] == [3, 0]
    assert graph().seen_share(BOTH) == "seen in 2 of 3"
    assert graph().seen_share(NOT_TAKEN) == "seen in 0 of 3"


def test_edges_are_found_from_both_ends() -> None:
    assert graph().outgoing["m:a"] == [BOTH, NOT_TAKEN]
    assert graph().incoming["m:a"] == [UNPREDICTED]


def test_a_saved_graph_comes_back_the_same(tmp_path: Path) -> None:
    graph().save(tmp_path / "overlay")

    again = Overlaid.load(tmp_path / "overlay")

    assert again.label == "demo=1"
    assert again.recordings == graph().recordings
    assert again.functions == graph().functions
    assert again.edges == [BOTH, NOT_TAKEN, UNPREDICTED]
    assert again.to_bytes() == graph().to_bytes()
