"""Paths through functions that run whatever they are handed: out comes only what went in."""

from __future__ import annotations

from tests.model.test_graph import call, graph_of
from tracer.model.graph import CallGraph
from tracer.model.kinds import Certainty
from tracer.reading.queries import path_via


def way(graph: CallGraph, *stations: str) -> list[str]:
    return [step.callee for step in path_via(graph, [f"m:{name}" for name in stations], [])]


def test_a_closure_is_entered_after_the_function_that_makes_it() -> None:
    graph = graph_of(
        call("start", "hand"),
        call("start", "between"),
        call("between", "make"),
        call("make", "hand"),
        call("hand", "make.<locals>.work", sure=Certainty.INFERRED),
        call("make.<locals>.work", "goal"),
    )
    assert way(graph, "start", "goal") == ["m:between", "m:make", "m:hand", "m:make.<locals>.work", "m:goal"]


def test_a_closure_whose_maker_is_out_of_reach_is_gone_around() -> None:
    graph = graph_of(
        call("start", "hand"),
        call("hand", "elsewhere.<locals>.work", sure=Certainty.INFERRED),
        call("elsewhere.<locals>.work", "goal"),
        call("start", "one"),
        call("one", "two"),
        call("two", "three"),
        call("three", "goal"),
    )
    assert way(graph, "start", "goal") == ["m:one", "m:two", "m:three", "m:goal"]


def test_the_only_way_there_is_is_shown_all_the_same() -> None:
    graph = graph_of(
        call("start", "hand"),
        call("hand", "elsewhere.<locals>.work", sure=Certainty.INFERRED),
        call("elsewhere.<locals>.work", "goal"),
    )
    assert way(graph, "start", "goal") == ["m:hand", "m:elsewhere.<locals>.work", "m:goal"]
