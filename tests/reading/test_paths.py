"""Paths through functions that run whatever they are handed: out comes only what went in."""

from __future__ import annotations

from pathlib import Path

from tests.model.test_graph import call, graph_of
from tests.reading.analysis import read_graph
from tracer.model.graph import CallGraph
from tracer.model.paths import Handover, PathSearch
from tracer.reading.queries import all_paths, path_via


def way(graph: CallGraph, *stations: str) -> list[str]:
    return [step.callee for step in path_via(graph, [f"m:{name}" for name in stations], [])]


def handed(caller: str, callee: str, giver: str, taker: str) -> Handover:
    return Handover(f"m:{caller}", f"m:{callee}", f"m:{giver}", f"m:{taker}")


def test_what_is_handed_over_is_entered_behind_the_function_that_hands_it_over() -> None:
    calls = [
        call("start", "run"),
        call("start", "between"),
        call("between", "give"),
        call("give", "run"),
        call("run", "inner"),
        call("inner", "work"),
        call("work", "goal"),
    ]
    graph = graph_of(*calls, handovers=[handed("inner", "work", "give", "run")])
    assert way(graph, "start", "goal") == ["m:between", "m:give", "m:run", "m:inner", "m:work", "m:goal"]


def test_a_giver_out_of_reach_is_gone_around() -> None:
    graph = graph_of(
        call("start", "run"),
        call("run", "work"),
        call("work", "goal"),
        call("elsewhere", "run"),
        call("start", "one"),
        call("one", "two"),
        call("two", "goal"),
        handovers=[handed("run", "work", "elsewhere", "run")],
    )
    assert way(graph, "start", "goal") == ["m:one", "m:two", "m:goal"]


def test_a_giver_that_cannot_get_what_it_gives_to_the_caller_is_gone_around() -> None:
    graph = graph_of(
        call("start", "give"),
        call("give", "keep"),
        call("run", "work"),
        call("work", "goal"),
        call("start", "one"),
        call("one", "goal"),
        handovers=[handed("run", "work", "give", "keep")],
    )
    assert way(graph, "start", "goal") == ["m:one", "m:goal"]


def test_what_is_handed_over_is_not_entered_by_a_way_that_may_not_go_there() -> None:
    """Both the call to the taker and the call of what it was handed must be ones that the way may use."""
    graph = graph_of(
        call("start", "give"),
        call("give", "run"),
        call("run", "work"),
        call("work", "goal"),
        handovers=[handed("run", "work", "give", "run")],
    )
    start, goal = graph.index_of("m:start"), graph.index_of("m:goal")

    def found(avoid: str = "", forbidden: str = "") -> list[int]:
        search = PathSearch(graph, [avoid] if avoid else [], lambda one: one.callee != forbidden)
        return search.shortest(start, goal)

    assert len(found()) == 4
    for name in ("m:run", "m:work"):
        assert not found(avoid=name)
        assert not found(forbidden=name)


def test_a_path_may_start_behind_the_giver() -> None:
    graph = graph_of(
        call("run", "work"),
        call("work", "goal"),
        call("elsewhere", "run"),
        handovers=[handed("run", "work", "elsewhere", "run")],
    )
    assert way(graph, "run", "goal") == ["m:work", "m:goal"]


PROGRAM = """
class Pool:
    def run(self, func, *args):
        def wrapped():
            return func(*args)
        return self.later(wrapped)

    def later(self, task):
        task()

def run_in_pool(func, *args):
    return Pool().run(func, *args)

class Service:
    def start(self):
        self.log()
        run_in_pool(self.work)

    def log(self):
        run_in_pool(self.write, "started")

    def write(self, line):
        pass

    def work(self):
        self.reach()

    def reach(self):
        pass

def report(service: Service):
    service.log()

report(Service())
Service().start()
"""


def test_in_a_program_only_who_hands_a_method_to_a_pool_comes_to_what_it_does(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(PROGRAM)
    graph = read_graph(tmp_path / "m.py")
    assert way(graph, "Service.start", "Service.reach") == [
        "m:run_in_pool",
        "m:Pool.run",
        "m:Pool.later",
        "m:Pool.run.<locals>.wrapped",
        "m:Service.work",
        "m:Service.reach",
    ]
    assert [step.callee for step in graph.path("m:report", "m:Service.write")][-1] == "m:Service.write"
    everything = list(all_paths(graph, "m:Service.start", "m:Service.reach", [], 20))
    assert [[step.line for step in calls] for calls in everything] == [[17, 12, 6, 9, 5, 26]]


def test_hand_overs_are_saved_with_the_graph(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(PROGRAM)
    graph = read_graph(tmp_path / "m.py")
    assert list(CallGraph.from_bytes(graph.to_bytes()).handovers()) == list(graph.handovers())
    assert Handover(
        "m:Pool.run.<locals>.wrapped", "m:Service.work", "m:Service.start", "m:run_in_pool"
    ) in list(graph.handovers())
