"""What an overlay says of a program that was read and run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.overlay.shop import graph_of, run_recorded, write_programs
from tracer.model.overlaid import Cause, Overlaid, OverlaidEdge, Standing
from tracer.model.recording_folder import Recording
from tracer.overlay.laying import lay
from tracer.overlay.score import score, totals


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_programs(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def recording(folder: Path) -> Recording:
    return run_recorded(folder, folder / "recording")


@pytest.fixture(scope="module")
def overlaid(folder: Path, recording: Recording) -> Overlaid:
    return lay(graph_of(folder, "shop_main.py"), [recording])


def edge(graph: Overlaid, caller: str, callee: str) -> OverlaidEdge:
    """The one edge from a function of the shop to another."""
    (found,) = [
        one
        for one in (*graph.edges, *graph.carried)
        if one.caller.endswith(f":{caller}") and one.callee.endswith(f":{callee}")
    ]
    return found


def test_a_call_that_was_read_and_ran_has_both_kinds_of_evidence(overlaid: Overlaid) -> None:
    found = edge(overlaid, "main", "Shop.sell")
    assert found.standing is Standing.CONFIRMED
    assert found.sighting is not None
    assert (found.times, found.sighting.lines) == (1, (found.predictions[0].line,))
    assert overlaid.seen_share(found) == "seen in 1 of 1"


def test_what_could_have_been_called_and_was_not_says_so(overlaid: Overlaid) -> None:
    assert edge(overlaid, "Shop.goods", "unwrap").standing is Standing.NOT_TAKEN


@pytest.mark.parametrize(
    ("caller", "callee", "cause", "detail"),
    [
        ("Shop.sell", "Shop.answer", Cause.THROUGH_LIBRARY, "shop_tools:ask"),
        ("Shop.sell", "Money.__lt__", Cause.THROUGH_C, "bisect:insort"),
        ("Shop.sell", "Shop.clean", Cause.COMPUTED_NAME, "shop_main.py:34"),
        ("Shop.sell", "Money.__eq__", Cause.OPERATOR, "__eq__"),
        ("Shop.sell", "Money.read", Cause.GAP, "read is called by name"),
        ("Shop.sell", "generated", Cause.NAMING, "generated"),
        ("local", "local.<locals>.Local", Cause.IMPORT_TIME, "class"),
        ("Shop.sell", "pay", Cause.CALLEE_NOT_READ, "shop_bank"),
        ("pay", "Shop.paid", Cause.CALLER_NOT_READ, "shop_bank"),
    ],
)
def test_what_was_not_predicted_has_a_reason_from_facts(
    overlaid: Overlaid, caller: str, callee: str, cause: Cause, detail: str
) -> None:
    found = edge(overlaid, caller, callee)
    assert (found.standing, found.reason and found.reason.cause) == (Standing.UNPREDICTED, cause)
    assert found.reason is not None
    assert detail in found.reason.detail


def test_library_code_that_is_read_but_not_recorded_is_found_in_between(
    folder: Path, recording: Recording
) -> None:
    graph = lay(graph_of(folder, "shop_main.py", "shop_tools.py"), [recording])
    found = edge(graph, "Shop.sell", "Shop.answer")
    assert found.standing is Standing.CONFIRMED
    assert found.sighting is not None
    assert found.sighting.through == ("shop_tools:ask", "shop_tools:later")
    assert score(graph).hidden.found == 1


def test_wrappers_are_folded_into_the_edge_they_carry(overlaid: Overlaid) -> None:
    carried = edge(overlaid, "Shop.sell", "Shop.pack")
    assert carried.sighting is not None
    assert carried.sighting.through == ("shop_main:logged.<locals>.wrapper",)
    assert overlaid.functions["shop_main:logged.<locals>.wrapper"].carries

    folded = overlaid.folded()

    assert "shop_main:logged.<locals>.wrapper" not in folded.functions
    assert edge(folded, "Shop.sell", "Shop.pack").times == 1
    ends = {end for one in folded.edges for end in (one.caller, one.callee)}
    assert ends <= folded.functions.keys()


def test_every_edge_has_evidence_and_every_unpredicted_one_a_reason(overlaid: Overlaid) -> None:
    for one in (*overlaid.edges, *overlaid.carried):
        assert one.predictions or one.sighting
        assert (one.standing is Standing.UNPREDICTED) == (one.reason is not None)
        assert {one.caller, one.callee} <= overlaid.functions.keys()


def test_totals_add_up(overlaid: Overlaid, recording: Recording) -> None:
    counted = totals(overlaid)
    assert counted.confirmed + counted.not_taken.edges + counted.unpredicted == counted.edges
    assert sum(kind.edges for kind in counted.kinds) == counted.edges
    assert counted.confirmed_calls + counted.unpredicted_calls == counted.calls
    calls = [span for span in recording.tree.spans if span.parent and not span.activation]
    assert counted.calls == len(calls)
    missed = sum(cause.edges for cause in counted.causes)
    assert missed == counted.unpredicted


def test_the_score_tells_misses_of_the_caller_s_own_line_from_those_through_other_code(
    overlaid: Overlaid,
) -> None:
    result = score(overlaid)
    assert {one.callee.partition(":")[2] for one in result.direct.missing} == {
        "Shop.clean",
        "Money.__eq__",
        "Money.read",
        "generated",
    }
    assert {one.callee.partition(":")[2] for one in result.hidden.missing} == {"Shop.answer", "Money.__lt__"}
    assert result.on_import == 2
    assert result.direct.share == result.direct.found / (result.direct.found + 4)
    assert score(overlaid, ["elsewhere"]).direct.total == 0


def test_several_recordings_add_up(folder: Path, recording: Recording, tmp_path: Path) -> None:
    short = run_recorded(folder, tmp_path / "short", "wrap")
    graph = lay(graph_of(folder, "shop_main.py"), [recording, short, recording])
    found = edge(graph, "main", "Shop.sell")
    assert (found.times, graph.seen_share(found)) == (2, "seen in 2 of 3")
    assert graph.functions["shop_main:wrap"].seen_in == (0, 1, 2)


def test_the_same_input_gives_the_same_bytes(folder: Path, recording: Recording) -> None:
    graph = graph_of(folder, "shop_main.py")
    assert lay(graph, [recording]).to_bytes() == lay(graph, [recording]).to_bytes()
