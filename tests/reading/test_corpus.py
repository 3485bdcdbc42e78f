"""The analyzer finds exactly the calls that each program of the corpus makes when it runs."""

from __future__ import annotations

import functools
import sys

import networkx
import pytest

from tests.reading.analysis import own_edges, read_edges, read_graph
from tests.reading.cases import Case, all_cases
from tests.reading.execution import SUPPORTED
from tests.reading.gaps import Gap, gap_between, known_gaps

CASES = all_cases()
KNOWN_GAPS = known_gaps()
CROSSING_GROUPS = ("asynchronous/", "concurrency/", "green_threads/", "rpc/", "service_threads/")
CROSSING_KINDS = {"spawn", "rpc-cast", "rpc-call", "rpc-fanout"}

truth_of = functools.cache(Case.truth)
needs_monitoring = pytest.mark.skipif(not SUPPORTED, reason="deriving the truth needs Python 3.12")


@needs_monitoring
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_edges_are_those_that_run(case: Case) -> None:
    if case.cannot_run:
        pytest.skip(case.cannot_run)
    known = KNOWN_GAPS.get(case.name, Gap())
    assert gap_between(set(truth_of(case)), set(read_edges(case.path)), known.reason) == known


@needs_monitoring
@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name.startswith(CROSSING_GROUPS)], ids=lambda case: case.name
)
def test_edges_over_threads_and_messages_say_so(case: Case) -> None:
    if case.cannot_run:
        pytest.skip(case.cannot_run)
    found = read_edges(case.path)
    crossed = {
        edge: kinds
        for edge, kinds in truth_of(case).items()
        if edge in found and "" not in kinds and kinds & CROSSING_KINDS
    }
    assert {edge: found[edge] for edge, kinds in crossed.items() if not kinds & found[edge]} == {}


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name.startswith("decorators/")], ids=lambda case: case.name
)
def test_shortcuts_past_wrappers_follow_chains_of_calls(case: Case) -> None:
    graph = read_graph(case.path)
    calls: networkx.DiGraph[str] = networkx.DiGraph(list(own_edges(graph)))
    shortcuts = own_edges(graph, shortcuts=True)
    unfounded = [edge for edge in shortcuts if edge[0] not in calls or not networkx.has_path(calls, *edge)]
    assert unfounded == []


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(CASES) >= 300


def test_gaps_name_programs_and_give_reasons() -> None:
    names = {case.name for case in CASES}
    assert [name for name, gap in KNOWN_GAPS.items() if name not in names or not gap.reason] == []


def test_programs_do_not_hide_the_standard_library() -> None:
    tops = [list(case.path.iterdir()) if case.path.is_dir() else [case.path] for case in CASES]
    own = {path.stem for paths in tops for path in paths}
    assert own & set(sys.stdlib_module_names) == set()


@needs_monitoring
def test_programs_run_the_same_edges_every_time() -> None:
    case = next(case for case in CASES if case.name == "concurrency/executor_map")
    assert [case.truth() for _ in range(3)] == [case.truth()] * 3
