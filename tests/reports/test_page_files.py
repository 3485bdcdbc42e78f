"""The folder that a page is: refusals, same bytes for the same input, hostile text, no network."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest
from click.testing import CliRunner

from reports.commands import report
from reports.output_folder import MARKER, fresh_folder
from reports.page.renderer import PageRenderer
from tests.reports.samples import HOSTILE, hostile_recording, shop_recording, wide_recording
from tracer.model.recording_folder import Recording
from tracer.terminal.errors import UserError
from tracer.terminal.progress import steps

SOURCE = Path("/nowhere/recording")


def render(recording: Recording, folder: Path) -> Path:
    folder.mkdir()
    return PageRenderer().render(recording, folder, steps())


def data(folder: Path, name: str) -> object:
    text = (folder / "data" / f"{name}.js").read_text("ascii")
    match = re.fullmatch(r'stackwalk\.receive\("\w+",\d+,(.*)\);\n', text, re.DOTALL)
    assert match is not None
    return json.loads(match[1])


def attributes_of(html: str) -> set[str]:
    class Collector(HTMLParser):
        names: ClassVar[set[str]] = set()

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.names.update(name for name, _ in attrs)

    collector = Collector()
    collector.feed(html)
    return collector.names


def test_the_command_writes_a_page_and_says_where(tmp_path: Path) -> None:
    shop_recording(tmp_path / "rec")
    result = CliRunner().invoke(report, [str(tmp_path / "rec"), "--out", str(tmp_path / "page")])
    assert result.exit_code == 0, result.output
    assert str(tmp_path / "page" / "index.html") in result.stdout
    assert (tmp_path / "page" / "index.html").is_file()


def test_an_earlier_page_is_replaced_whole(tmp_path: Path) -> None:
    shop_recording(tmp_path / "rec")
    arguments = [str(tmp_path / "rec"), "--out", str(tmp_path / "page")]
    assert CliRunner().invoke(report, arguments).exit_code == 0
    (tmp_path / "page" / "data" / "values-99.js").write_text("left over")
    assert CliRunner().invoke(report, arguments).exit_code == 0
    assert not (tmp_path / "page" / "data" / "values-99.js").exists()


def test_a_folder_of_somebody_else_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="not an earlier report"), fresh_folder(tmp_path, "page", SOURCE):
        pass
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_force_replaces_it(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    (target / "old.txt").write_text("old")
    with fresh_folder(target, "page", SOURCE, force=True) as folder:
        (folder / "new.txt").write_text("new")
    assert sorted(path.name for path in target.iterdir()) == ["new.txt", MARKER]


def test_what_a_report_is_made_from_is_never_replaced(tmp_path: Path) -> None:
    shop_recording(tmp_path / "rec")
    for target in (tmp_path / "rec", tmp_path):
        with (
            pytest.raises(UserError, match="made from"),
            fresh_folder(target, "page", tmp_path / "rec", force=True),
        ):
            pass
    assert (tmp_path / "rec" / "recording.json").is_file()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(UserError, match="not a folder"), fresh_folder(tmp_path / "file", "page", SOURCE):
        pass


def test_a_failure_leaves_the_earlier_page_and_no_rubbish(tmp_path: Path) -> None:
    target = tmp_path / "out"
    with fresh_folder(target, "page", SOURCE) as folder:
        (folder / "index.html").write_text("first")
    with pytest.raises(ZeroDivisionError), fresh_folder(target, "page", SOURCE):
        raise ZeroDivisionError
    assert (target / "index.html").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_same_recording_same_bytes(tmp_path: Path) -> None:
    recording = shop_recording(tmp_path / "rec")
    render(recording, tmp_path / "one")
    render(recording, tmp_path / "two")
    one = {
        path.relative_to(tmp_path / "one"): path for path in (tmp_path / "one").rglob("*") if path.is_file()
    }
    assert len(one) > 10
    for name, path in one.items():
        assert path.read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_the_summary_says_what_the_recording_holds(tmp_path: Path) -> None:
    html = render(shop_recording(tmp_path / "rec"), tmp_path / "page").read_text("utf-8")
    for expected in (
        "order silver",
        "POST /orders",
        "Depot.ship",
        "guest-1",
        "the guest is up",
        "operation forbidden",
    ):
        assert expected in html


def test_a_process_that_was_not_recorded_to_its_end_is_named_above_all(tmp_path: Path) -> None:
    recording = shop_recording(tmp_path / "rec")
    lanes = [msgspec.structs.replace(recording.header.lanes[2], ended="killed 2.1 s after the request")]
    recording.header = msgspec.structs.replace(recording.header, lanes=lanes)
    html = render(recording, tmp_path / "page").read_text("utf-8")
    summary = html[html.index('id="summary"') : html.index('id="way"')]
    assert "nova-compute, process 1: killed 2.1 s after the request" in summary


def test_a_recording_without_a_hypervisor_has_no_such_part(tmp_path: Path) -> None:
    html = render(shop_recording(tmp_path / "rec", hypervisor=None), tmp_path / "page").read_text("utf-8")
    assert 'id="hypervisor"' not in html


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    page = render(hostile_recording(tmp_path / "rec"), tmp_path / "page")
    for path in page.parent.rglob("*"):
        if path.is_file() and path.parent.name != "assets":
            text = path.read_text("utf-8")
            assert HOSTILE not in text
            assert "<img" not in text
            assert "\u202e" not in text
            assert "\x00" not in text
    html = page.read_text("utf-8")
    assert re.findall(r"<script(?! src=\"(?:assets|data)/[a-z-]+\.js\"(?: defer)?></script>)", html) == []
    attributes = attributes_of(html)
    assert not [name for name in attributes if name == "style" or name.startswith("on")]


def test_the_page_names_nothing_outside_its_folder(tmp_path: Path) -> None:
    page = render(shop_recording(tmp_path / "rec"), tmp_path / "page")
    for path in page.parent.rglob("*"):
        if path.is_file():
            outside = set(re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]+[^\s\"')]*", path.read_text("utf-8")))
            assert outside <= {"http://www.w3.org/2000/svg"}, path


def test_a_cut_value_says_so(tmp_path: Path) -> None:
    render(hostile_recording(tmp_path / "rec"), tmp_path / "page")
    piece = data(tmp_path / "page", "values-0")
    assert isinstance(piece, dict)
    assert any(text.endswith("… and 10,780,000 more characters") for text in piece["strings"])


def test_a_large_tree_stays_small(tmp_path: Path) -> None:
    count = 20_000
    page = render(wide_recording(tmp_path / "rec", count), tmp_path / "page")
    assert (page.parent / "data" / "tree.js").stat().st_size < 40 * count
