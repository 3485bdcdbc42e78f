"""What the walkthrough's folder holds, and the command that writes it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from stackwalk import cli
from tests.reports.samples import SHOP, shop_recording
from tests.reports.walkthrough.tours import hostile_tour, shop_graph, shop_tour
from tracer.terminal.errors import UserError


def received(path: Path) -> Any:
    """The data that a script hands to the page."""
    text = path.read_text("ascii")
    return json.loads(text[text.index(",", text.index(",") + 1) + 1 : text.rindex(");")])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop_tour(tmp_path_factory.mktemp("shop")).parent


def test_the_page_asks_for_nothing_outside_of_its_folder(site: Path) -> None:
    page = (site / "index.html").read_text("utf-8")
    for address in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert (site / "assets" / address).exists() or (site / address).exists(), address
    assert "http:" not in page and "https:" not in page
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    allowed = html.unescape(policy[1])
    assert "default-src 'none'" in allowed
    assert "unsafe" not in allowed
    assert not re.search(r"<script(?![^>]*src=)", page)
    assert not re.search(r"\son\w+=|\sstyle=", page)


def test_every_crossing_of_the_order_is_a_step_with_its_values(site: Path) -> None:
    chapters = received(site / "data/overview-0.js")["chapters"]
    steps = [
        step
        for number in range(len(chapters))
        for step in received(site / f"data/chapter-{number}.js")["steps"]
    ]
    crossings = [(step["crossing"]["source"], step["service"]) for step in steps if step.get("crossing")]
    assert set(crossings) == {
        ("client", "nova-api"),
        ("nova-api", "nova-compute"),
        ("nova-compute", "libvirtd"),
    }
    ordered = next(step for step in steps if step.get("crossing", {}).get("link") == "http")
    assert [name for name, _ in ordered["values"]["arguments"]] == ["self", "what", "password"]
    assert ordered["values"]["arguments"][2][1][1] == "", "what is withheld has no text"


def test_every_chapter_has_a_diagram_of_its_own(site: Path) -> None:
    chapters = received(site / "data/overview-0.js")["chapters"]
    diagrams = {
        chapter["key"]: received(site / f"data/chapter-{number}.js")["diagram"]
        for number, chapter in enumerate(chapters)
    }
    assert all(diagram.startswith("<svg") for diagram in diagrams.values())
    assert "started (booted)" in diagrams["guest"]
    assert "Shop.order" in diagrams["api"] or "POST /orders" in diagrams["api"]


def test_functions_know_who_calls_them_seen_and_possible(site: Path) -> None:
    table = received(site / "data/functions-0.js")
    numbers = {row[0]: number for number, row in enumerate(table["rows"])}
    calls = received(site / "data/calls-0.js")
    callees = {row[0]: row for row in calls["callees"][numbers["shop:Shop.order"]]}
    refund = callees[numbers["bank:Bank.refund"]]
    assert refund[2] == 0, "possible, not seen"
    assert table["ways"][refund[3]] == ["call", "flow", "inferred", ""]
    ship = callees[numbers["depot:Depot.ship"]]
    assert (ship[2], table["ways"][ship[3]]) == (1, ["rpc-cast", "post", "exact", ""])
    callers = calls["callers"][numbers["depot:Depot.ship"]]
    assert [row[0] for row in callers] == [numbers["shop:Shop.order"]]
    assert calls["more"][numbers["depot:Depot.ship"]] == 1, "its other caller did not run"
    assert table["ran"] == 7


def test_the_same_recording_gives_the_same_bytes(tmp_path: Path, site: Path) -> None:
    (tmp_path / "again").mkdir()
    again = shop_tour(tmp_path / "again").parent
    files = sorted(path.relative_to(site) for path in site.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert [file for file in files if (site / file).read_bytes() != (again / file).read_bytes()] == []


def test_the_single_file_allows_its_own_scripts_and_no_other(tmp_path: Path) -> None:
    page = shop_tour(tmp_path, single=True)
    assert [path.name for path in page.parent.iterdir() if path.suffix != ".tour"] == ["index.html"]
    text = page.read_text("utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    hashes = [
        f"'sha256-{base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()}'"
        for part in scripts + styles
    ]
    assert len(scripts) == 2
    assert all(one in html.unescape(policy[1]) for one in hashes)
    assert not re.search(r"(src|href)=\"(?!#)", text.split("<body", 1)[1])


def test_a_tour_for_an_editor_names_files_lines_and_patterns(site: Path) -> None:
    document = json.loads((site / "walkthrough.tour").read_text("utf-8"))
    assert document["title"]
    steps = document["steps"]
    assert all(isinstance(step["description"], str) and step["description"] for step in steps)
    allowed = {"title", "description", "file", "line", "pattern"}
    assert {key for step in steps for key in step} <= allowed
    order = next(step for step in steps if "An order comes in" in step["title"])
    assert (order["file"], order["line"]) == ("shop/shop.py", 7)
    found = re.search(order["pattern"], SHOP, re.MULTILINE)
    assert found
    assert SHOP[: found.start()].count("\n") + 1 == 7


def test_hostile_texts_leave_no_markup_in_any_file(tmp_path: Path) -> None:
    site = hostile_tour(tmp_path).parent
    page = (site / "index.html").read_text("utf-8")
    assert "<script>document" not in page
    assert "<img" not in page
    assert not [mark for mark in "\u202e\x00\x1b" if mark in page]
    for data in (site / "data").iterdir():
        assert "<" not in data.read_text("ascii")
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 2_000_000


def run(*arguments: object) -> Any:
    return CliRunner().invoke(cli, ["walkthrough", *map(str, arguments)])


def test_the_command_writes_the_site_in_the_language_asked_for(tmp_path: Path) -> None:
    shop_recording(tmp_path / "rec")
    shop_graph().save(tmp_path / "shop.graph")
    out = tmp_path / "tour"
    result = run(tmp_path / "rec", "--graph", tmp_path / "shop.graph", "--lang", "zh", "--out", out)
    assert result.exit_code == 0, result.output
    assert str(out / "index.html") in result.output
    assert 'lang="zh-Hans"' in (out / "index.html").read_text("utf-8")


@pytest.mark.parametrize("content", [b"", b"stackwalk-callgraph 99 0\n", b"\x00" * 100])
def test_a_broken_graph_is_named_and_nothing_is_written(tmp_path: Path, content: bytes) -> None:
    shop_recording(tmp_path / "rec")
    (tmp_path / "broken").write_bytes(content)
    result = run(tmp_path / "rec", "--graph", tmp_path / "broken", "--out", tmp_path / "tour")
    assert isinstance(result.exception, UserError)
    assert "broken" in result.exception.message
    assert not (tmp_path / "tour").exists()


def test_notes_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    shop_recording(tmp_path / "rec")
    (tmp_path / "notes").mkdir()
    result = run(tmp_path / "rec", "--notes", tmp_path / "notes", "--out", tmp_path / "tour")
    assert isinstance(result.exception, UserError)
    assert not (tmp_path / "tour").exists()
