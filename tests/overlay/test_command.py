"""``stackwalk overlay`` as a person or another program meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.overlay.shop import graph_of, run_recorded, write_programs
from tests.reading.test_commands import Terminal
from tracer.model.overlaid import Overlaid


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    write_programs(tmp_path)
    graph_of(tmp_path, "shop_main.py").save(tmp_path / "graph")
    run_recorded(tmp_path, tmp_path / "rec")
    monkeypatch.chdir(tmp_path)
    return Terminal(capsys)


def test_totals_are_printed_and_the_overlay_is_kept(shop: Terminal, tmp_path: Path) -> None:
    answer = shop("overlay", "graph", "rec", "--out", "kept")
    assert answer.code == 0
    assert "shop=1, with rec (sell) laid over it" in answer.out
    assert "seen, not predicted" in answer.out
    kept = Overlaid.load(tmp_path / "kept")
    counted = json.loads(shop("overlay", "graph", "rec", "--format", "json").out)
    assert counted["edges"] == len(kept.edges)
    assert sum(one["calls"] for one in counted["services"]) == counted["calls"]


def test_every_edge_is_a_line_for_other_programs(shop: Terminal) -> None:
    lines = [
        json.loads(line) for line in shop("overlay", "graph", "rec", "--format", "jsonl").out.splitlines()
    ]
    standings = {line["standing"] for line in lines}
    assert standings == {"seen-and-predicted", "predicted-not-taken", "seen-not-predicted"}
    (sell,) = [line for line in lines if line["callee"] == "shop_main:Shop.sell"]
    assert (sell["seen_in"], sell["sighting"]["times"]) == ("seen in 1 of 1", 1)
    assert sell["predictions"][0]["rule"] == "flow"
    assert all(line["reason"]["detail"] for line in lines if line["standing"] == "seen-not-predicted")


def test_the_score_lists_what_is_missing_by_cause(shop: Terminal) -> None:
    answer = shop("overlay", "graph", "rec", "--score")
    assert "called by the caller's own line" in answer.out
    assert "1 an operator or protocol on a value of unknown class:" in answer.out
    assert "shop_main:Shop.sell -> shop_main:Money.__eq__" in answer.out
    scored = json.loads(shop("overlay", "graph", "rec", "--score", "--format", "json").out)
    assert len(scored["direct"]["missing"]) == 4


def test_a_function_s_untaken_paths_are_folded_until_asked_for(shop: Terminal) -> None:
    folded = shop("overlay", "graph", "rec", "--around", "Shop.goods")
    assert "under a condition: if shop_tools.closed():" in folded.out
    assert "another ran here: shop_main:Shelf.take" in folded.out
    assert "line 63" not in folded.out
    unfolded = shop("overlay", "graph", "rec", "--around", "Shop.goods", "--unfold")
    assert "shop_main:Shop.refuse  (call, exact)" in unfolded.out


def test_wrappers_can_be_folded_away(shop: Terminal) -> None:
    words = ("overlay", "graph", "rec", "--format", "jsonl")
    assert "wrapper" in shop(*words).out
    folded = [json.loads(line) for line in shop(*words, "--fold-wrappers").out.splitlines()]
    assert not [line for line in folded if line["callee"].endswith("wrapper")]
    assert [line for line in folded if line["callee"] == "shop_main:Shop.pack"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nothing", "rec"], "no call graph at nothing"),
        (["shop_main.py", "rec"], "shop_main.py is not a call graph"),
        (["graph", "elsewhere"], "there is no recording at elsewhere"),
        (["graph", "rec", "--around", "nobody"], "no function nobody"),
        (["graph", "rec", "--unfold"], "--unfold is for --around"),
        (["graph", "rec", "--score", "--format", "jsonl"], "--format jsonl prints edges"),
        (["graph", "rec", "--out", "no/such/folder"], "Save the overlay elsewhere"),
        (["graph", "rec", "--fold-wrappers", "--around", "wrapper"], "which --fold-wrappers folded away"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(shop: Terminal, words: list[str], told: str) -> None:
    answer = shop("overlay", *words)
    assert answer.code == 2
    assert told in answer.err


def test_a_damaged_recording_is_named(shop: Terminal, tmp_path: Path) -> None:
    tree = tmp_path / "rec" / "tree.msgpack"
    tree.write_bytes(tree.read_bytes()[:-7])
    answer = shop("overlay", "graph", "rec")
    assert (answer.code, "tree.msgpack" in answer.err, answer.out) == (2, True, "")
