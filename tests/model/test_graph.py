"""Call graphs: what they answer, and that a file of one is read whole or refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tracer.model.function import Function
from tracer.model.graph import Call, CallGraph, GraphSummary, Sites
from tracer.model.kinds import CallKind, Certainty
from tracer.model.paths import THROUGH_DECORATOR, Handover

SUMMARY = GraphSummary("demo", 1, 4, 40, Sites(total=3, exact=2, unresolved=1, reasons={"why": 1}))


def call(
    caller: str, callee: str, line: int = 1, rule: str = "flow", sure: Certainty = Certainty.EXACT
) -> Call:
    return Call(f"m:{caller}", f"m:{callee}", "m.py", line, CallKind.CALL, sure, rule)


def graph_of(*calls: Call, handovers: Sequence[Handover] = ()) -> CallGraph:
    names = sorted({name for one in calls for name in (one.caller, one.callee)})
    functions = [Function(name, "m.py", 1) for name in names]
    return CallGraph(SUMMARY, functions, calls, [(names[0], "route GET /")], handovers)


def steps(graph: CallGraph, start: str, goal: str, **options: object) -> list[str]:
    return [one.callee for one in graph.path(f"m:{start}", f"m:{goal}", **options)]  # type: ignore[arg-type]


def test_a_saved_graph_comes_back_the_same(tmp_path: Path) -> None:
    graph = graph_of(call("a", "b"), call("b", "c", 7))
    graph.save(tmp_path / "graph")

    again = CallGraph.load(tmp_path / "graph")

    assert list(again.calls()) == list(graph.calls())
    assert list(again.functions()) == list(graph.functions())
    assert list(again.entries()) == [(Function("m:a", "m.py", 1), "route GET /")]
    assert again.summary == SUMMARY
    assert again.to_bytes() == graph.to_bytes()


def test_the_order_of_calls_does_not_show_in_the_file() -> None:
    one, two = call("a", "b"), call("b", "c")
    assert graph_of(one, two).to_bytes() == graph_of(two, one).to_bytes()


def test_lines_are_given_anew_and_what_stands_together_is_one() -> None:
    graph = graph_of(call("a", "c", 2), call("a", "c", 3), call("a", "b", 4))

    moved = graph.relined([0, 10, 7, 7, 5], SUMMARY)

    assert [(one.callee, one.line) for one in moved.calls()] == [("m:b", 5), ("m:c", 7)]
    assert {function.line for function in moved.functions()} == {10}
    assert [one.line for one in moved.callers("m:c")] == [7]
    assert graph.call_count == 3


def test_callers_and_callees() -> None:
    graph = graph_of(call("a", "b", 3), call("c", "b", 5), call("b", "d", 9))
    assert [(one.caller, one.line) for one in graph.callers("m:b")] == [("m:a", 3), ("m:c", 5)]
    assert [one.callee for one in graph.callees("m:b")] == ["m:d"]
    assert graph.between("m:a", "m:b") == [call("a", "b", 3)]


def test_a_path_is_a_shortest_one() -> None:
    graph = graph_of(call("a", "b"), call("b", "c"), call("c", "d"), call("a", "c"))
    assert steps(graph, "a", "d") == ["m:c", "m:d"]


def test_among_equal_paths_the_surer_call_wins() -> None:
    graph = graph_of(call("a", "b", sure=Certainty.INFERRED), call("a", "c"), call("b", "d"), call("c", "d"))
    assert steps(graph, "a", "d") == ["m:c", "m:d"]


def test_a_path_avoids_what_it_must_not_enter() -> None:
    graph = graph_of(call("a", "b"), call("b", "d"), call("a", "c"), call("c", "e"), call("e", "d"))
    assert steps(graph, "a", "d", avoid=["m:b"]) == ["m:c", "m:e", "m:d"]
    assert steps(graph, "a", "d", avoid=["m:b", "m:c"]) == []


def test_a_path_goes_past_a_shared_wrapper() -> None:
    wrapper = "deco.<locals>.wrapped"
    graph = graph_of(
        call("a", wrapper),
        call("a", "wanted", rule=THROUGH_DECORATOR, sure=Certainty.INFERRED),
        call(wrapper, "wanted"),
        call(wrapper, "other"),
        call("wanted", "other"),
    )
    assert steps(graph, "a", "other") == ["m:wanted", "m:other"]
    assert steps(graph, "a", wrapper) == [f"m:{wrapper}"]


def test_networkx_gets_everything() -> None:
    graph = graph_of(call("a", "b", 3), call("a", "b", 4)).to_networkx()
    assert graph.number_of_edges("m:a", "m:b") == 2
    assert graph.nodes["m:a"]["file"] == "m.py"


def test_the_resolved_share_leaves_out_what_leads_out() -> None:
    sites = Sites(total=10, exact=3, inferred=1, by_name=1, external=5)
    assert sites.resolved_share == 0.8
