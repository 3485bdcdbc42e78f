"""Whatever lies in a tree, the analyzer says what it could not read, and where, and reads the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.reading.analysis import own_edges, read_graph
from tracer.reading.reader import read

GOOD = "def leaf():\n    return 1\n\n\ndef top():\n    return leaf()\n\n\ntop()\n"
GOOD_EDGES = {("good:<module>", "good:top"), ("good:top", "good:leaf")}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "good.py").write_text(GOOD, encoding="utf-8")
    return tmp_path / "tree"


BROKEN = {
    "syntax_error": (b"def f():\n    return 1\n\n\ndef g(:\n    pass\n", 5),
    "unfinished": (b"def f():\n    return (1,\n", None),
    "wrong_indentation": (b"def f():\n    x = 1\n      y = 2\n", 3),
    "python_two_print": (b"def f():\n    print 'hello'\n", 2),
    "python_two_raise": (b"def f():\n    raise ValueError, 'wrong'\n", 2),
    "python_two_backticks": (b"x = 1\ny = `x`\n", 2),
    "not_utf8": (b"def f():\n    return '\xe9\xff'\n", 2),
    "unknown_encoding": (b"# -*- coding: nonsense-8 -*-\nx = 1\n", None),
    "null_bytes": (b"x = 1\n\x00\x00\x00\n", None),
    "binary": (bytes(range(256)) * 4, None),
    "merge_conflict": (b"x = 1\n<<<<<<< ours\ny = 1\n=======\ny = 2\n>>>>>>> theirs\n", 2),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_parsed_is_named_with_its_line(tree: Path, name: str) -> None:
    content, line = BROKEN[name]
    (tree / f"{name}.py").write_bytes(content)
    graph = read_graph(tree)
    warnings = [warning for warning in graph.summary.warnings if warning.startswith(f"{name}.py:")]
    assert len(warnings) == 1
    assert line is None or warnings[0].startswith(f"{name}.py:{line}:")
    assert set(own_edges(graph)) == GOOD_EDGES


READABLE = {
    "empty": b"",
    "only_comment": b"# nothing here",
    "byte_order_mark": b"\xef\xbb\xbf" + GOOD.encode(),
    "windows_lines": GOOD.replace("\n", "\r\n").encode(),
    "tabs": GOOD.replace("    ", "\t").encode(),
    "form_feed": GOOD.replace("\n\n\n", "\n\x0c\n\n").encode(),
    "latin_declared": b"# -*- coding: latin-1 -*-\nname = '\xe9'\n" + GOOD.encode(),
    "no_last_newline": GOOD.rstrip("\n").encode(),
    "line_continuation": GOOD.replace("return leaf()", "return \\\n        leaf()").encode(),
    "soft_keywords": b"match = case = type = _ = 1\nmatch[0:1] if 0 else case\n" + GOOD.encode(),
}


@pytest.mark.parametrize("name", READABLE)
def test_unusual_files_are_read_whole(tmp_path: Path, name: str) -> None:
    (tmp_path / "good.py").write_bytes(READABLE[name])
    graph = read_graph(tmp_path)
    assert graph.summary.warnings == []
    assert set(own_edges(graph)) == (GOOD_EDGES if b"def" in READABLE[name] else set())


CONTRARY = {
    "lone_surrogate": b"ODD = {'\\ud800': 1}['\\ud800']\n" + GOOD.encode(),
    "partial_of_itself": b"""
import functools


def grown(function, one, two):
    other = function
    for _ in "ab":
        function = functools.partial(other, one)
        other = functools.partial(function, two)
    return other()


grown(print, 1, 2)
"""
    + GOOD.encode(),
    "list_of_itself": b"""
from oslo_config import cfg
import oslo_messaging

OPTIONS = [cfg.StrOpt("one", default="x")]
OPTIONS.append(OPTIONS)
cfg.CONF.register_opts(OPTIONS)
oslo_messaging.get_rpc_server(None, None, OPTIONS)
"""
    + GOOD.encode(),
    "view_of_a_view": b"""
def plain(value, depth=0):
    while depth < 2:
        value = value.items()
        depth += 1
    return [plain(one, depth) for one in value]


plain({"a": {"b": "c"}})
"""
    + GOOD.encode(),
    "handed_over_by_a_class_body": b"""
def keep(function):
    return function()


class Body:
    kept = keep(lambda: 1)
"""
    + GOOD.encode(),
}


@pytest.mark.parametrize("name", CONTRARY)
def test_what_leads_back_to_itself_or_cannot_be_written_does_not_stop_the_reading(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "good.py").write_bytes(CONTRARY[name])
    graph = read_graph(tmp_path)
    assert graph.summary.warnings == []
    assert set(own_edges(graph)) >= GOOD_EDGES


def test_a_file_of_fifty_thousand_lines_is_read(tree: Path) -> None:
    functions = 12_500
    lines = [f"def f{number}():\n    return f{max(number - 1, 0)}()\n\n\n" for number in range(functions)]
    (tree / "huge.py").write_text("".join(lines), encoding="utf-8")
    graph = read_graph(tree)
    assert graph.summary.warnings == []
    assert len(own_edges(graph)) == functions + len(GOOD_EDGES)


@pytest.mark.parametrize(
    "expression",
    ["(" * 150 + "leaf()" + ")" * 150, " + ".join(["leaf()"] * 3_000), "[" * 90 + "leaf()" + "]" * 90],
    ids=["parentheses", "long_sum", "nested_lists"],
)
def test_deeply_nested_expressions_do_not_stop_the_reading(tree: Path, expression: str) -> None:
    (tree / "deep.py").write_text(f"def leaf():\n    return 1\n\n\nvalue = {expression}\n", encoding="utf-8")
    graph = read_graph(tree)
    warned = any(warning.startswith("deep.py") for warning in graph.summary.warnings)
    expected = GOOD_EDGES if warned else GOOD_EDGES | {("deep:<module>", "deep:leaf")}
    assert set(own_edges(graph)) == expected


def test_a_chain_of_calls_as_deep_as_the_stack_does_not_stop_the_reading(tree: Path) -> None:
    calls = "()" * 1_000
    (tree / "deep.py").write_text(f"def f():\n    return f\n\n\nf{calls}\n", encoding="utf-8")
    assert set(own_edges(read_graph(tree))) >= GOOD_EDGES


def test_links_in_a_circle_are_followed_once(tree: Path) -> None:
    (tree / "package").mkdir()
    (tree / "package" / "__init__.py").touch()
    (tree / "package" / "inner.py").write_text("def f():\n    return f()\n", encoding="utf-8")
    (tree / "package" / "again").symlink_to(tree / "package", target_is_directory=True)
    graph = read_graph(tree)
    assert set(own_edges(graph)) == {*GOOD_EDGES, ("package.inner:f", "package.inner:f")}
    assert any("again" in warning for warning in graph.summary.warnings)


def test_a_link_to_nowhere_is_named(tree: Path) -> None:
    (tree / "gone.py").symlink_to(tree / "never_there.py")
    (tree / "itself.py").symlink_to(tree / "itself.py")
    graph = read_graph(tree)
    assert {warning.partition(":")[0] for warning in graph.summary.warnings} == {"gone.py", "itself.py"}
    assert set(own_edges(graph)) == GOOD_EDGES


def test_things_that_are_no_files_are_passed_over(tree: Path) -> None:
    (tree / "folder.py").mkdir()
    os.mkfifo(tree / "pipe.py")
    code = "import sys; from tracer.reading.reader import read; print(read(sys.argv[1:]).call_count)"
    command = [sys.executable, "-c", code, str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, f"{len(GOOD_EDGES)}\n"), done.stderr


def test_names_that_cannot_be_imported_are_read_all_the_same(tree: Path) -> None:
    (tree / "with-dash.py").write_text("def f():\n    return f()\n", encoding="utf-8")
    assert set(own_edges(read_graph(tree))) == {*GOOD_EDGES, ("with-dash:f", "with-dash:f")}


def test_a_package_that_is_not_there_is_named(tree: Path) -> None:
    graph = read([str(tree), "no_such_package_anywhere"], processes=1)
    assert [warning.partition(":")[0] for warning in graph.summary.warnings] == ["no_such_package_anywhere"]
    assert set(own_edges(graph)) == GOOD_EDGES


def test_an_empty_folder_gives_an_empty_graph(tmp_path: Path) -> None:
    graph = read_graph(tmp_path)
    assert (graph.summary.modules, graph.call_count) == (0, 0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(tree: Path) -> None:
    (tree / "closed").mkdir()
    (tree / "closed" / "inside.py").write_text(GOOD, encoding="utf-8")
    (tree / "secret.py").write_text(GOOD, encoding="utf-8")
    for path in (tree / "closed", tree / "secret.py"):
        path.chmod(0)
    try:
        graph = read_graph(tree)
    finally:
        for path in (tree / "closed", tree / "secret.py"):
            path.chmod(0o700)
    assert {warning.partition(":")[0] for warning in graph.summary.warnings} == {"closed", "secret.py"}
    assert set(own_edges(graph)) == GOOD_EDGES


def test_broken_neighbours_do_not_change_what_is_found(tree: Path) -> None:
    alone = own_edges(read_graph(tree))
    for name, (content, _) in BROKEN.items():
        (tree / f"{name}.py").write_bytes(content)
    graph = read_graph(tree)
    assert own_edges(graph) == alone
    warned = {warning.partition(":")[0] for warning in graph.summary.warnings}
    assert warned == {f"{name}.py" for name in BROKEN}
