"""`stackwalk graph` as a person types it."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from reports.graph.command import graph
from tests.overlay.shop import graph_of, run_recorded, write_programs
from tests.reports.flow.requests import boot_request
from tests.reports.graph.graphs import SHOP, call_graph, random_graph
from tests.reports.samples import shop_recording
from tracer.model.recording_folder import write_recording
from tracer.overlay.laying import lay
from tracer.terminal.errors import UserError

pytestmark = pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "shop.graph"
    call_graph(SHOP).save(path)
    return path


def run(*arguments: object) -> bytes:
    done = CliRunner().invoke(graph, [str(argument) for argument in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout_bytes


def test_a_saved_graph_becomes_an_svg_on_standard_output(saved: Path) -> None:
    assert b"<title>From Counter.order to Hook.pull</title>" in run(
        saved, "--from", "Counter.order", "--to", "Hook.pull"
    )


@pytest.mark.parametrize(
    ("file", "begins"),
    [
        ("a.svg", b"<?xml"),
        ("a.dot", b"digraph"),
        ("a.gv", b"digraph"),
        ("a.mmd", b"---\ntitle"),
        ("a.graphml", b"<graphml"),
        ("a.json", b"{\n"),
    ],
)
def test_the_name_of_the_file_says_the_format(saved: Path, tmp_path: Path, file: str, begins: bytes) -> None:
    said = run(saved, "--out", tmp_path / file)
    assert (tmp_path / file).read_bytes().startswith(begins)
    assert b"15 boxes, 15 arrows" in said


def test_what_is_folded_is_said_and_data_hold_everything(tmp_path: Path) -> None:
    random_graph(900, 2_000).save(tmp_path / "large.graph")
    said = run(tmp_path / "large.graph", "--collapse", "module", "--nodes", "30", "--out", tmp_path / "a.svg")
    assert b"are folded into" in said
    data = json.loads(run(tmp_path / "large.graph", "--format", "json"))
    assert len(data["edges"]) == len({(e["source"], e["target"], e["kind"]) for e in data["edges"]}) > 1_900


def test_a_recording_is_drawn_by_service_with_what_travelled(tmp_path: Path) -> None:
    write_recording(tmp_path / "rec", boot_request())
    text = run(tmp_path / "rec", "--collapse", "service", "--format", "mermaid").decode()
    assert re.search(r'"nova-conductor(<br/>|")', text)
    assert "RPC call" in text


def test_a_graph_and_a_recording_are_laid_over_each_other(tmp_path: Path) -> None:
    folder = write_programs(tmp_path)
    read, recording = graph_of(folder, "shop_main.py"), run_recorded(folder, tmp_path / "rec")
    read.save(tmp_path / "shop.graph")
    lay(read, [recording]).save(tmp_path / "shop.overlay")
    together = run(tmp_path / "shop.graph", recording.folder, "--format", "json")
    assert {edge["standing"] for edge in json.loads(together)["edges"]} >= {
        "seen-and-predicted", "predicted-not-taken",
    }  # fmt: skip
    assert run(tmp_path / "shop.overlay", "--format", "json") == together


def test_boxes_lead_to_pages_with_the_source_beside_the_picture(tmp_path: Path) -> None:
    recording = shop_recording(tmp_path / "rec")
    run(recording.folder, "--pages", "--out", tmp_path / "shop.svg")
    links = set(re.findall(r'href="([^"#]+)#(L\d+)"', (tmp_path / "shop.svg").read_text("utf-8")))
    assert links
    for page, place in links:
        assert f'id="{place}"' in (tmp_path / page).read_text("utf-8")


def test_boxes_lead_where_a_template_says(saved: Path) -> None:
    drawn = run(saved, "--source-url", "https://example.org/{package}/{release}/{file}#L{line}").decode()
    assert "https://example.org/shop/2.1/shop/desk.py#L" in drawn


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--lang", "zh"], "--notes"),
        (["--around", "x", "--from", "y"], "--around goes with"),
        (["--pages"], "give --out"),
        (["--source-url", "https://x", "--pages", "--out", "a.svg"], "not to both"),
    ],
)
def test_options_that_contradict_each_other_are_refused(
    saved: Path, options: list[str], message: str
) -> None:
    done = CliRunner().invoke(graph, [str(saved), *options])
    assert done.exit_code == 2
    assert message in done.output


def test_broken_input_is_told(saved: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    saved.write_bytes(whole[:-40])
    with pytest.raises(UserError, match="cut off"):
        run(saved)
    saved.write_text("words")
    with pytest.raises(UserError, match="neither a call graph nor a recording"):
        run(saved)
    with pytest.raises(UserError, match="nowhere"):
        run(tmp_path / "nowhere")


def test_without_graphviz_the_package_is_named(
    saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match="graphviz") as caught:
        run(saved)
    assert "graphviz" in caught.value.remedy
