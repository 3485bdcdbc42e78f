"""``stackwalk notes`` and ``stackwalk show --notes``, through the front door."""

from __future__ import annotations

from pathlib import Path

import pytest

import stackwalk
from tests.notes.samples import note, record, write_notes
from tracer.reading.reader import read

SOURCE = """
class Till:
    def pay(self):
        def later():
            return [lambda: 1 for _ in ()]
        return later

    class Drawer:
        async def open(self): ...

if True:
    def receipt(): ...
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    package = tmp_path / "site" / "shop"
    (package / "desk").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "till.py").write_text(SOURCE)
    (package / "desk" / "__init__.py").write_text("def greet(): ...\n")
    metadata = tmp_path / "site" / "python_shop-5.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: python-shop\nVersion: 5.0\n")
    return package.parent


def run(*words: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        stackwalk.main([str(word) for word in words])
    told = capsys.readouterr()
    return int(str(left.value.code or 0)), told.out, told.err


@pytest.mark.parametrize(
    "anchor",
    [
        "shop.till:Till.pay",
        "shop.till:Till.pay.<locals>.later",
        "shop.till:Till.pay.<locals>.later.<locals>.<listcomp>",
        "shop.till:Till.Drawer.open",
        "shop.till:receipt",
        "shop.till:<module>",
        "shop.desk:greet",
        "shop.till:receipt -> shop.desk:greet",
    ],
)
def test_what_the_source_defines_is_fine(
    anchor: str, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = write_notes(tmp_path / "notes", note(anchor))
    for place in (source, source / "shop"):
        code, out, _ = run("notes", "check", "--notes", notes, "--source", place, capsys=capsys)
        assert (code, out) == (0, "1 notes in en: all fine\n")


@pytest.mark.parametrize(
    ("anchor", "nearest"),
    [
        ("shop.till:Till.payy", "shop.till:Till.pay"),
        ("shop.till:greet", "shop.desk:greet"),
        ("shop.gone.desk:greet", "shop.desk:greet"),
        ("shop.till:zzz", ""),
    ],
)
def test_what_is_gone_is_named_with_the_nearest(
    anchor: str, nearest: str, source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = write_notes(tmp_path / "notes", note("shop.till:receipt"), note(anchor))
    code, out, _ = run("notes", "check", "--notes", notes, "--source", source, capsys=capsys)
    assert code == 1
    assert f"1.md: {anchor} is not in the source\n" in out
    assert (f"nearest: {nearest}" if nearest else "") in out
    assert ("nearest" in out) == bool(nearest)
    assert "2 notes in en: 1 to mend" in out


def test_notes_on_other_releases_and_packages_are_counted_not_blamed(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = write_notes(
        tmp_path / "notes", note("shop:old", more="releases: ..4\n"), note("bank:f"), note("shop.desk:greet")
    )
    code, out, _ = run("notes", "check", "--notes", notes, "--source", source, capsys=capsys)
    assert code == 0
    assert "1 not checked: about another release than the source" in out
    assert "1 not checked: the package bank is not in the source" in out


def test_anchors_not_reached_in_a_recording(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording = record(
        tmp_path / "rec",
        {"shop:sell": "", "wire:carry": "shop:sell", "shop:book_rpc": "wire:carry", "shop:pack": "shop:sell"},
    )
    notes = write_notes(
        tmp_path / "notes",
        note("shop:pack"),
        note("shop:sell -> shop:book_rpc"),
        note("shop:pack -> shop:book_rpc"),
        note("shop:packs"),
    )
    code, out, _ = run("notes", "check", "--notes", notes, "--recording", recording, capsys=capsys)
    assert code == 1
    assert "0.md" not in out
    assert "1.md" not in out
    assert "2.md: the call shop:pack -> shop:book_rpc was not recorded" in out
    assert "nearest: wire:carry -> shop:book_rpc" in out
    assert "3.md: shop:packs did not run in the recording\n    nearest: shop:pack\n" in out


def test_missing_translations_are_to_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = write_notes(tmp_path / "notes", note("a:b", "en", "zh"), note("a:c", "en"))
    code, out, _ = run("notes", "check", "--notes", notes, capsys=capsys)
    assert code == 1
    assert "1.md: not translated to zh" in out


def test_broken_input_is_told_with_file_and_line(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = write_notes(tmp_path / "broken", "words")
    code, _, err = run("notes", "check", "--notes", broken, capsys=capsys)
    assert code == 2
    assert f"{broken}/0.md:1: does not begin with a header" in err
    notes = write_notes(tmp_path / "notes", note("shop.till:receipt"))
    (source / "shop" / "till.py").write_text("def (:\n")
    code, _, err = run("notes", "check", "--notes", notes, "--source", source, capsys=capsys)
    assert code == 2
    assert "till.py cannot be read as Python source" in err
    code, _, err = run("notes", "check", "--notes", notes, "--source", tmp_path / "broken", capsys=capsys)
    assert code == 2
    assert "No package that a note is about" in err


def test_list_shows_chapters_titles_and_anchors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = write_notes(
        tmp_path / "notes", note("a:b", more="chapter: till\n", title="Pay"), note("a:c", "en", "zh")
    )
    code, out, _ = run("notes", "list", "--notes", notes, "--lang", "zh", capsys=capsys)
    assert code == 0
    assert out.splitlines()[:3] == ["till", "  Pay  [en]", "    a:b"]
    assert out.endswith("2 notes in en, zh\n")


FUNCTION = "nova.virt.libvirt.guest:Guest.launch"


@pytest.mark.parametrize(
    ("environment", "options", "title"),
    [
        ("en_GB.UTF-8", [], "The guest is started"),
        ("zh_CN.UTF-8", [], "启动虚拟机"),
        ("C", [], "The guest is started"),
        ("en_GB.UTF-8", ["--lang", "zh"], "启动虚拟机"),
    ],
)
def test_show_prints_each_note_once_below_its_span(
    environment: str,
    options: list[str],
    title: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", environment)
    recording = record(tmp_path / "rec", {"shop:sell": "", FUNCTION: "shop:sell", "shop:x": FUNCTION})
    code, out, _ = run("show", recording, "--notes", *options, capsys=capsys)
    assert code == 0
    lines = out.splitlines()
    (above,) = [number for number, line in enumerate(lines) if "Guest.launch nova.virt" in line]
    assert lines[above + 1].strip().startswith(f"✎ {title}: ")
    assert out.count("✎") == 1
    assert "✎" not in run("show", recording, capsys=capsys)[1]


def test_flow_diagrams_have_the_notes_beside_the_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = record(tmp_path / "rec", {"shop:sell": "", FUNCTION: "shop:sell"})
    drawn = tmp_path / "flow.mmd"
    options = ("flow", recording, "--level", "functions", "--out", drawn)
    assert run(*options, "--notes", "--lang", "zh", capsys=capsys)[0] == 0
    assert "启动虚拟机" in drawn.read_text("utf-8")
    assert run(*options, capsys=capsys)[0] == 0
    assert "启动虚拟机" not in drawn.read_text("utf-8")


def test_show_leaves_out_notes_on_other_releases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    calls = {"shop:sell": "", "nova.thread_pool_factory:spawn_on": "shop:sell"}
    old = record(tmp_path / "old", calls, {"nova": "33.0.0"})
    new = record(tmp_path / "new", calls, {"nova": "34.0.0"})
    assert "✎" not in run("show", old, "--notes", capsys=capsys)[1]
    assert "✎" in run("show", new, "--notes", capsys=capsys)[1]


def test_a_language_that_no_note_is_in_is_answered_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, _, said = run("notes", "list", "--lang", "xx", capsys=capsys)
    assert code == 2
    assert "en, zh" in said


def test_a_language_without_notes_is_misuse(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", tmp_path, "--lang", "zh", capsys=capsys)[0] == 2


@pytest.fixture
def graph(source: Path, tmp_path: Path) -> Path:
    (source / "shop" / "counter.py").write_text(
        "from shop.desk import greet\nfrom shop.tools import logged\n\n"
        "class Counter:\n    def serve(self):\n        greet()\n        self.pack()\n\n"
        "    @logged\n    def pack(self):\n        return 1\n"
    )
    (source / "shop" / "tools.py").write_text(
        "def logged(function):\n    def wrapper(*args):\n        return function(*args)\n    return wrapper\n"
    )
    saved = tmp_path / "shop.graph"
    read([str(source / "shop")], label="shop=5.0").save(saved)
    return saved


def test_what_a_graph_has_is_fine_also_through_wrappers(
    graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = write_notes(
        tmp_path / "notes",
        note("shop.counter:Counter.serve"),
        note("shop.counter:Counter.serve -> shop.desk:greet"),
        note("shop.counter:Counter.serve -> shop.counter:Counter.pack"),
        note("shop.gone:old", more="releases: ..4\n"),
        note("bank:f"),
    )
    code, out, _ = run("notes", "check", "--notes", notes, "--graph", graph, capsys=capsys)
    assert code == 0
    assert "1 not checked: about another release than the graph" in out
    assert "1 not checked: the package bank is not in the graph" in out


@pytest.mark.parametrize(
    ("anchor", "said"),
    [
        ("shop.old:Counter.serve", "nearest: shop.counter:Counter.serve"),
        ("shop.counter:Desk.serve", "nearest: shop.counter:Counter.serve"),
        ("shop.counter:Counter.serves", "nearest: shop.counter:Counter.serve"),
        ("shop.till:receipt -> shop.desk:greet", "nearest: shop.counter:Counter.serve -> shop.desk:greet"),
        ("shop.till:receipt -> shop.desk:greet", "the call shop.till:receipt -> shop.desk:greet is not in"),
    ],
)
def test_what_a_graph_lacks_is_named_with_what_it_became(
    anchor: str, said: str, graph: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = write_notes(tmp_path / "notes", note(anchor))
    code, out, _ = run("notes", "check", "--notes", notes, "--graph", graph, capsys=capsys)
    assert code == 1
    assert said in out


def test_a_graph_that_is_none_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "not.graph").write_text("words")
    code, _, err = run("notes", "check", "--graph", tmp_path / "not.graph", capsys=capsys)
    assert code == 2
    assert "is not a call graph" in err
