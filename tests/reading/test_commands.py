"""The commands over call graphs as a person or another program meets them."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

import stackwalk

SHOP = """\
import threading


class Shop:
    def sell(self):
        return self.pack()

    def pack(self):
        return wrap()


class Stall:
    def sell(self):
        threading.Thread(target=wrap).start()


def wrap():
    return 1


def unused():
    return Shop().sell() + Stall().sell()
"""


class Answer:
    """What a command printed and returned."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


class Terminal:
    """Runs commands in a folder that holds ``shop.py`` and, as the default, its saved graph."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: str) -> Answer:
        code = 0
        try:
            code = stackwalk.main(words) or 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = self._capsys.readouterr()
        return Answer(code, out, err)


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STACKWALK_GRAPH", raising=False)
    (tmp_path / "shop.py").write_text(SHOP, encoding="utf-8")
    run = Terminal(capsys)
    assert run("read", "shop.py", "--as", "shop=1.0", "--out", "callgraph.stackwalk").code == 0
    return run


def test_reading_prints_a_summary_that_accounts_for_every_call_site(terminal: Terminal) -> None:
    answer = terminal("read", "shop.py", "--as", "shop=1.0", "--format", "json")
    summary = json.loads(answer.out)
    sites = summary["sites"]
    classes = ("exact", "inferred", "by_name", "external", "unresolved")
    assert (answer.code, summary["label"], summary["modules"]) == (0, "shop=1.0", 1)
    assert sites["total"] == sum(sites[name] for name in classes) == 8
    assert "shop=1.0: 1 module," in terminal("read", "shop.py", "--as", "shop=1.0").out


def test_a_path_names_place_kind_and_rule_of_every_step(terminal: Terminal) -> None:
    answer = terminal("path", "Shop.sell", "wrap")
    first, *steps = answer.out.splitlines()
    assert (answer.code, first, len(steps)) == (0, "shop:Shop.sell", 2)
    assert "shop:Shop.pack" in steps[0]
    assert "shop.py:6" in steps[0]
    [path] = json.loads(terminal("path", "Shop.sell", "wrap", "--format", "json").out)
    assert [(step["callee"], step["line"]) for step in path] == [("shop:Shop.pack", 6), ("shop:wrap", 9)]
    assert set(path[0]) == {"caller", "callee", "file", "line", "kind", "certainty", "rule"}


def test_paths_can_be_forced_through_a_function_or_around_it(terminal: Terminal) -> None:
    assert "Stall.sell" in terminal("path", "unused", "wrap", "--via", "Stall.sell").out
    assert "Stall.sell" not in terminal("path", "unused", "wrap", "--not-via", "Stall.sell").out
    every = json.loads(terminal("path", "unused", "wrap", "--all", "--format", "json").out)
    assert [len(path) for path in every] == [2, 3]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["path", "wrap", "unused"], "no path from shop:wrap to shop:unused"),
        (["explain", "Shop.sell", "wrap"], "shop:Shop.sell does not call shop:wrap directly"),
        (["outline", "bakery.py"], "no file or module bakery.py"),
    ],
)
def test_an_answer_of_no_is_exit_code_one(terminal: Terminal, words: list[str], told: str) -> None:
    answer = terminal(*words)
    assert (answer.code, answer.out) == (1, "")
    assert told in answer.err


@pytest.mark.parametrize(
    "words", [["callers", "sell"], ["path", "sell", "wrap"], ["explain", "wrap", "sell"]]
)
def test_a_name_of_several_functions_is_answered_with_all_of_them(
    terminal: Terminal, words: list[str]
) -> None:
    answer = terminal(*words)
    assert (answer.code, answer.out) == (2, "")
    assert "shop:Shop.sell  shop.py:5" in answer.err
    assert "shop:Stall.sell  shop.py:13" in answer.err


def test_a_class_may_be_left_out_of_a_name(terminal: Terminal) -> None:
    short = terminal("path", "shop.unused", "shop.pack", "--via", "Shop.sell", "--format", "json")
    whole = terminal("path", "shop:unused", "shop:Shop.pack", "--via", "shop:Shop.sell", "--format", "json")
    assert short.out == whole.out
    assert terminal("where", "shop.pack").out == "shop:Shop.pack  shop.py:8\n"
    assert terminal("callers", "shop:pack").out == terminal("callers", "Shop.pack").out
    assert terminal("callees", "shop.sell").code == 2


def test_a_module_may_be_named_by_its_end(terminal: Terminal) -> None:
    package = Path("mall")
    for name in ("north/till.py", "south/till.py", "south/office.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("def count():\n    return 1\n")
    for folder in (package, package / "north", package / "south"):
        (folder / "__init__.py").touch()
    assert terminal("read", "mall", "--out", "mall.graph").code == 0
    graph = ("--graph", "mall.graph")
    assert "mall/south/office.py:1  count" in terminal("outline", "office", *graph).out.splitlines()
    assert (
        terminal("outline", "south.till", *graph).out == terminal("outline", "mall/south/till.py", *graph).out
    )
    several = terminal("outline", "till", *graph)
    assert (several.code, several.out) == (2, "")
    assert {"mall.north.till", "mall.south.till"} <= set(several.err.split())
    assert "mall.south.till:count" in terminal("callers", "office.count2", *graph).err


def test_a_mistyped_name_is_answered_with_those_near(terminal: Terminal) -> None:
    answer = terminal("callers", "wrapp")
    assert (answer.code, answer.out) == (2, "")
    assert "shop:wrap" in answer.err


def test_callers_callees_and_explanations_name_the_same_call(terminal: Terminal) -> None:
    asked = (["callers", "wrap"], ["callees", "Stall.sell"], ["explain", "Stall.sell", "wrap"])
    found = [json.loads(terminal(*words, "--format", "json").out) for words in asked]
    [call] = found[2]
    assert (call["caller"], call["callee"], call["kind"]) == ("shop:Stall.sell", "shop:wrap", "spawn")
    assert all(call in calls for calls in found)
    assert "spawn" in terminal("explain", "Stall.sell", "wrap").out


def test_functions_are_listed_by_line_and_found_by_name(terminal: Terminal) -> None:
    outline = json.loads(terminal("outline", "shop", "--format", "json").out)
    lines = [function["line"] for function in outline]
    assert lines == sorted(lines)
    assert {"shop:Shop.sell", "shop:wrap"} <= {function["id"] for function in outline}
    where = terminal("where", "sell")
    assert where.out.splitlines() == ["shop:Shop.sell  shop.py:5", "shop:Stall.sell  shop.py:13"]


def test_every_call_is_one_json_line(terminal: Terminal) -> None:
    calls = [
        json.loads(line)
        for line in terminal("edges", "callgraph.stackwalk", "--format", "jsonl").out.splitlines()
    ]
    assert {"shop:Shop.pack", "shop:wrap"} <= {call["callee"] for call in calls}
    assert all(call["file"] == "shop.py" and call["line"] and call["rule"] for call in calls)


@pytest.mark.parametrize("content", [None, b"", b"not a graph at all\n", b"\x93\x01\x02"])
def test_a_file_that_is_no_graph_is_named_with_a_remedy(terminal: Terminal, content: bytes | None) -> None:
    if content is not None:
        Path("broken.graph").write_bytes(content)
    for words in (["edges", "broken.graph"], ["callers", "wrap", "--graph", "broken.graph"]):
        answer = terminal(*words)
        assert (answer.code, answer.out) == (2, "")
        assert "broken.graph" in answer.err
        assert "stackwalk read" in answer.err


def test_a_graph_that_was_cut_or_changed_is_refused(terminal: Terminal) -> None:
    whole = Path("callgraph.stackwalk").read_bytes()
    for damaged in (whole[:-1], whole[: len(whole) // 2], whole[:-9] + bytes([whole[-9] ^ 1]) + whole[-8:]):
        Path("callgraph.stackwalk").write_bytes(damaged)
        answer = terminal("callers", "wrap")
        assert (answer.code, answer.out) == (2, "")
        assert "callgraph.stackwalk" in answer.err


def test_what_is_missing_is_a_warning_unless_nothing_is_left(terminal: Terminal) -> None:
    some = terminal("read", "shop.py", "no_such_package")
    assert some.code == 0
    assert "warning: no_such_package" in some.err
    none = terminal("read", "no_such_package")
    assert (none.code, none.out) == (2, "")
    assert "no_such_package" in none.err


def test_a_graph_that_cannot_be_saved_is_said_before_the_reading(terminal: Terminal) -> None:
    answer = terminal("read", "shop.py", "--out", "no/such/folder/graph")
    assert answer.code == 2
    assert "no/such/folder" in answer.err
    assert answer.out == ""


def test_archives_are_read_as_what_they_hold(terminal: Terminal) -> None:
    package = {"shop/__init__.py": "", "shop/counter.py": SHOP}
    with zipfile.ZipFile("shop-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in package.items():
            wheel.writestr(name, text)
    with tarfile.open("shop-1.0.tar.gz", "w:gz") as source:
        for name, text in package.items():
            member = tarfile.TarInfo(f"shop-1.0/{name}")
            member.size = len(text)
            source.addfile(member, io.BytesIO(text.encode()))
    for archive in ("shop-1.0-py3-none-any.whl", "shop-1.0.tar.gz"):
        assert terminal("read", archive, "--out", "archive.graph").code == 0
        explained = terminal("explain", "Shop.sell", "Shop.pack", "--graph", "archive.graph")
        assert "shop.counter:Shop.sell -> shop.counter:Shop.pack  shop/counter.py:6" in explained.out


@pytest.mark.parametrize("name", ["cut.whl", "cut.tar.gz"])
def test_a_broken_archive_is_named_and_the_rest_is_read(terminal: Terminal, name: str) -> None:
    Path(name).write_bytes(b"PK\x03\x04 and no more")
    answer = terminal("read", "shop.py", name)
    assert answer.code == 0
    assert f"warning: {name}: cannot be unpacked" in answer.err


@pytest.mark.parametrize("name", ["../../../escaped.py", "/nowhere/escaped.py", "way/../../escaped.py"])
def test_an_archive_cannot_write_outside_of_its_folder(terminal: Terminal, name: str) -> None:
    with tarfile.open("evil.tar.gz", "w:gz") as source:
        source.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
    assert "leads out of the archive" in terminal("read", "shop.py", "evil.tar.gz").err


def test_links_in_an_archive_are_not_followed(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    with tarfile.open("evil.tar.gz", "w:gz") as source:
        link = tarfile.TarInfo("shop")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path / "elsewhere")
        source.addfile(link)
        source.addfile(tarfile.TarInfo("shop/counter.py"), io.BytesIO(b""))
    assert terminal("read", "evil.tar.gz").code == 0
    assert not any((tmp_path / "elsewhere").iterdir())


def test_installed_packages_are_found_by_name_and_not_run(terminal: Terminal) -> None:
    summary = json.loads(terminal("read", "json.decoder", "--format", "json").out)
    assert (summary["modules"], summary["warnings"]) == (1, [])


@pytest.mark.parametrize(
    "command", ["read", "path", "callers", "callees", "outline", "where", "explain", "edges"]
)
def test_help_shows_an_example(terminal: Terminal, command: str) -> None:
    answer = terminal(command, "--help")
    assert answer.code == 0
    assert f"  stackwalk {command} " in answer.out
