"""Whatever is laid over whatever: totals add up, every edge has evidence, and nothing depends on order."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.overlay.shop import recording_of
from tracer.model.function import Function
from tracer.model.graph import Call, CallGraph, GraphSummary, Sites
from tracer.model.kinds import CallKind, Certainty, Link
from tracer.model.observed import observed_calls
from tracer.model.overlaid import Overlaid, Standing
from tracer.model.recording_folder import Recording
from tracer.model.request_tree import Span
from tracer.overlay.laying import lay
from tracer.overlay.printing import records, score_lines, totals_lines
from tracer.overlay.score import score, totals

READ = ["m:a", "m:b", "m:deco", "m:deco.<locals>.w<'\"&é>", "n:C.__getattr__.<locals>.f", "n:" + "x" * 300]
UNREAD = ["lib:g", "lib:h.<locals>.<lambda>", "other:<module>"]
SERVICES = ("nova-api", "nova-compute", "privsep")


def random_graph(chance: random.Random) -> CallGraph:
    functions = [Function(name, "m.py", 1) for name in READ] + [Function(name) for name in UNREAD]
    calls = [
        Call(
            chance.choice(READ),
            chance.choice(READ + UNREAD),
            "m.py",
            chance.randrange(1, 9),
            chance.choice(list(CallKind)),
            chance.choice(list(Certainty)),
            chance.choice(("flow", "decorator", "through decorator")),
        )
        for _ in range(chance.randrange(20))
    ]
    return CallGraph(GraphSummary("demo", 1, 1, 1, Sites()), functions, calls)


def random_recording(chance: random.Random, out: Path) -> Recording:
    functions = [Function(name, "m.py" if name in READ else "lib.py", 1) for name in READ + UNREAD]
    spans = [
        Span(
            number,
            chance.randrange(number),
            chance.randrange(len(functions)),
            chance.choice(SERVICES),
            1,
            "main",
            number,
            number,
            link=chance.choice([Link.PLAIN, Link.PLAIN, *Link]),
            activation=chance.choice((0, 0, 0, 1, 2)),
            call_line=chance.randrange(9),
        )
        for number in range(1, chance.randrange(2, 30))
    ]
    return recording_of(out, functions, spans, {"m.py": b"a = b\nc()\nclass D: pass\n"})


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_totals_add_up_whatever_was_read_and_seen(seed: int) -> None:
    chance = random.Random(seed)
    graph = random_graph(chance)
    with tempfile.TemporaryDirectory() as folder:
        recordings = [random_recording(chance, Path(folder) / str(number)) for number in range(2)]
        laid = lay(graph, recordings)
        counted = totals(laid)
        seen = [call for recording in recordings for call in observed_calls(recording.tree)]

        assert counted.calls == sum(call.times for call in seen)
        assert counted.calls == sum(one.calls for one in counted.services)
        assert counted.calls == counted.confirmed_calls + counted.unpredicted_calls
        assert counted.edges == len(laid.edges) == sum(kind.edges for kind in counted.kinds)
        assert counted.edges == counted.confirmed + counted.not_taken.edges + counted.unpredicted
        assert counted.unpredicted == sum(cause.edges for cause in counted.causes)
        parts = counted.not_taken
        assert parts.edges == parts.of_functions_that_ran + parts.of_others + parts.out_of_the_read_code
        check_evidence(laid)
        check_evidence(laid.folded())
        pairs = {(edge.caller, edge.callee) for edge in laid.edges if edge.sighting}
        assert pairs >= {(call.caller, call.callee) for call in seen}
        assert lay(graph, recordings).to_bytes() == laid.to_bytes()
        assert Overlaid.from_bytes(laid.to_bytes()).to_bytes() == laid.to_bytes()
        assert list(totals_lines(laid, counted))
        assert list(score_lines(score(laid)))
        assert len(list(records(laid, laid.edges))) == counted.edges


def check_evidence(graph: Overlaid) -> None:
    for edge in (*graph.edges, *graph.carried):
        assert edge.predictions or edge.sighting
        assert (edge.standing is Standing.UNPREDICTED) == (edge.reason is not None)
        assert {edge.caller, edge.callee} <= graph.functions.keys()
        if edge.sighting:
            assert edge.times == sum(pair.times for pair in edge.sighting.services) > 0
            assert edge.sighting.seen_in
