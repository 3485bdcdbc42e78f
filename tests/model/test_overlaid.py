"""Overlaid graphs: how an edge stands, and that a file of one is read whole or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.model.function import Function
from tracer.model.kinds import CallKind, Certainty
from tracer.model.observed import ServicePair
from tracer.model.overlaid import (
    Cause,
    Laid,
    Overlaid,
    OverlaidEdge,
    OverlaidError,
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


@pytest.mark.parametrize("cut", [0, 1, 30, 100, -1])
def test_a_truncated_file_is_refused(cut: int) -> None:
    with pytest.raises(OverlaidError, match="overlay"):
        Overlaid.from_bytes(graph().to_bytes()[:cut])


def test_a_changed_byte_is_noticed() -> None:
    data = bytearray(graph().to_bytes())
    data[-3] ^= 0xFF
    with pytest.raises(OverlaidError, match="damaged"):
        Overlaid.from_bytes(bytes(data))


def test_another_version_is_named() -> None:
    data = graph().to_bytes().replace(b"overlay 1 ", b"overlay 9 ", 1)
    with pytest.raises(OverlaidError, match="version 9"):
        Overlaid.from_bytes(data)


@pytest.mark.parametrize("data", [b"", b"{}", b"\x00" * 500, b"stackwalk-callgraph 1 00000000\n"])
def test_a_foreign_file_is_refused(data: bytes) -> None:
    with pytest.raises(OverlaidError, match="not an overlaid graph"):
        Overlaid.from_bytes(data)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OverlaidError, match="No such file"):
        Overlaid.load(tmp_path / "nothing")
