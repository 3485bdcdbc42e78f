"""A tree that does more than before is read as if it were new, and often without following it all."""

from __future__ import annotations

import hashlib
import os
import pickle
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reading.cases import CORPUS
from tests.reading.changes import ADDING, CHANGES, changed
from tracer.model.graph import CallGraph
from tracer.reading.reader import read

GROUPS = ("classes", "closures", "containers", "decorators", "functions", "generators", "imports", "rpc")
IN_FULL = "again in full"
PROGRAM = {
    "shapes.py": """
from geometry import measure


class Shape:
    sides = 4

    def area(self):
        return measure(self.size(), 1)

    def size(self):
        return 1


class Square(Shape):
    def size(self):
        return 2


def draw(shape):
    return shape.area()


print(draw(Shape()), draw(Square()))
""",
    "geometry.py": """
def measure(size, unit):
    return double(size)


def double(size):
    return size * 2
""",
}


class Tree:
    """A tree that is read again and again, remembered in a folder; ``said`` is what the last reading said."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "tree"
        self.cache = folder / "cache"
        self.said: list[str] = []

    @classmethod
    def of_program(cls, folder: Path) -> Tree:
        """The small program above, read once."""
        tree = cls(folder)
        tree.root.mkdir()
        for name, source in PROGRAM.items():
            (tree.root / name).write_text(source, encoding="utf-8")
        tree.read()
        return tree

    def read(self) -> bytes:
        """The graph, as who remembers the last reading reads it."""
        self.said = []
        return read([str(self.root)], cache=self.cache, processes=1, progress=self.said.append).to_bytes()

    def read_anew(self) -> bytes:
        """The same, by who remembers nothing."""
        return read([str(self.root)], processes=1).to_bytes()

    @property
    def in_full(self) -> bool:
        """Whether the last reading followed everything again."""
        return any(IN_FULL in line for line in self.said)

    @property
    def base(self) -> Path:
        """What is kept to follow on from."""
        return next(self.cache.rglob("*.base"))

    def add(self, name: str, text: str, after: str = "") -> None:
        """Put ``text`` behind ``after`` in a file, or at its end."""
        path = self.root / name
        before = path.read_text(encoding="utf-8")
        assert after in before
        at = before.index(after) + len(after) if after else len(before)
        path.write_text(before[:at] + text + before[at:], encoding="utf-8")


def _outcomes(tree: Tree, seed: int) -> Iterator[tuple[str, bool]]:
    """Make one change of each kind, each on its own; yields its kind and whether all was followed again."""
    files = sorted(tree.root.rglob("*.py"))
    tree.read()
    kept = tree.cache.with_name("kept")
    shutil.copytree(tree.cache, kept)
    for kind in CHANGES:
        choice = random.Random(f"{seed} {kind}")
        path = choice.choice(files)
        before = path.read_text(encoding="utf-8")
        text = changed(kind, before, choice)
        if text is None:
            continue
        path.write_text(text, encoding="utf-8")
        assert tree.read() == tree.read_anew(), (kind, path, text)
        yield kind, tree.in_full
        path.write_text(before, encoding="utf-8")
        shutil.rmtree(tree.cache)
        shutil.copytree(kept, tree.cache)


@pytest.mark.parametrize("group", GROUPS)
def test_whatever_is_changed_the_graph_is_that_of_a_new_reading(group: str, tmp_path: Path) -> None:
    followed_on: Counter[bool] = Counter()
    for seed in range(2):
        tree = Tree(tmp_path / str(seed))
        shutil.copytree(CORPUS / group, tree.root)
        for kind, in_full in _outcomes(tree, seed):
            if kind in ADDING:
                followed_on[not in_full] += 1
    assert followed_on[True] > followed_on[False] / 2


def test_a_function_is_added(tmp_path: Path) -> None:
    tree = Tree.of_program(tmp_path)
    tree.add("shapes.py", "\n\ndef measure_twice(size):\n    return measure(1, 1), len(str(size))\n")
    graph = CallGraph.from_bytes(tree.read())
    assert not tree.in_full
    called = {call.callee: call.line for call in graph.callees("shapes:measure_twice")}
    assert called == dict.fromkeys(("geometry:measure", "builtins:len", "builtins:str"), 28)
    assert graph.to_bytes() == tree.read_anew()


def test_a_call_of_what_was_called_with_the_same_before(tmp_path: Path) -> None:
    tree = Tree.of_program(tmp_path)
    tree.add("shapes.py", "    shape.size()\n", after="def draw(shape):\n")
    graph = CallGraph.from_bytes(tree.read())
    assert not tree.in_full
    assert {call.callee for call in graph.callees("shapes:draw")} >= {
        "shapes:Shape.size",
        "shapes:Square.size",
    }
    assert graph.to_bytes() == tree.read_anew()


@pytest.mark.parametrize(
    ("name", "text", "after"),
    [
        ("shapes.py", '    measure("text", 1)\n', "def draw(shape):\n"),
        ("shapes.py", "\n    def volume(self):\n        return 3\n", "sides = 4\n"),
        ("shapes.py", "\n\nclass Circle(Shape):\n    pass\n", ""),
        ("geometry.py", "    if unit:\n        return double\n", "def measure(size, unit):\n"),
        ("geometry.py", "\n\ndef measure(size, unit):\n    return size\n", ""),
    ],
)
def test_additions_that_bear_on_what_was_there(tmp_path: Path, name: str, text: str, after: str) -> None:
    tree = Tree.of_program(tmp_path)
    tree.add("shapes.py", "\n\ndef fill(shape):\n    return shape.volume() + unknown(shape).volume()\n")
    tree.read()
    shutil.rmtree(tree.cache)
    tree.read()
    tree.add(name, text, after)
    assert tree.read() == tree.read_anew()
    assert tree.in_full


@pytest.mark.parametrize(
    ("before", "more"),
    [
        ("action()", "run(Shape, 1)"),
        ("action.area()", "run(None, 1)"),
        ("action.area()", "run('text', 1)"),
        ("action.volume()", "run(Square(), 1)"),
    ],
)
def test_what_was_not_known_to_be_called_is_told_by_a_new_caller(
    tmp_path: Path, before: str, more: str
) -> None:
    """A function that callers are told apart in is entered once more; of its calls nothing was known."""
    tree = Tree.of_program(tmp_path)
    tree.add("shapes.py", f"\n\ndef run(action, given):\n    {before}\n    return given\n")
    tree.add("shapes.py", "\n\ndef start(given):\n    return run(given, given)\n")
    shutil.rmtree(tree.cache)
    tree.read()
    tree.add("shapes.py", f"\n\ndef begin():\n    return {more}\n")
    assert tree.read() == tree.read_anew()


def test_one_addition_after_the_other_and_back(tmp_path: Path) -> None:
    tree = Tree.of_program(tmp_path)
    first = tree.read()
    sources = {path: path.read_text(encoding="utf-8") for path in tree.root.iterdir()}
    tree.add("shapes.py", "\n\ndef one():\n    return measure(1, 1)\n")
    second = tree.read()
    tree.add("geometry.py", "\n\ndef two(size):\n    return print(size)\n")
    third = tree.read()
    assert third == tree.read_anew()
    assert not tree.in_full
    assert tree.read() == third
    assert tree.said == ["finding files", "parsing: 0 of 2 files"]
    (tree.root / "geometry.py").write_text(sources[tree.root / "geometry.py"], encoding="utf-8")
    assert tree.read() == second
    (tree.root / "shapes.py").write_text(sources[tree.root / "shapes.py"], encoding="utf-8")
    assert tree.read() == first
    assert not tree.in_full


@pytest.mark.parametrize("damage", ["gone", "torn", "overwritten"])
def test_what_is_kept_is_damaged(tmp_path: Path, damage: str) -> None:
    tree = Tree.of_program(tmp_path)
    kept = tree.base.read_bytes()
    if damage == "gone":
        tree.base.unlink()
    else:
        cut = len(kept) // 2
        tree.base.write_bytes(kept[:cut] if damage == "torn" else kept[:cut] + b"text" + kept[cut + 4 :])
    tree.add("geometry.py", "\n\ndef one():\n    pass\n")
    assert tree.read() == tree.read_anew()
    assert tree.in_full


def test_what_a_file_was_is_not_remembered(tmp_path: Path) -> None:
    tree = Tree.of_program(tmp_path)
    for path in tree.cache.rglob("*"):
        if path.is_file() and path.parent.name != "readings":
            path.unlink()
    tree.add("geometry.py", "\n\ndef one():\n    pass\n")
    assert tree.read() == tree.read_anew()
    assert tree.in_full


def test_what_is_kept_makes_nothing_but_what_was_read(tmp_path: Path) -> None:
    """The bytes are checked against damage; against others' intentions, nothing in them is ever run."""
    tree = Tree.of_program(tmp_path)
    kept = bytearray(tree.base.read_bytes()[16:])
    mark = tmp_path / "was_run"
    evil = pickle.dumps(_Runs(f"touch {mark}"), 5)
    at = kept.find(evil[:2])
    while at >= 0:
        kept[at : at + len(evil)] = evil
        at = kept.find(evil[:2], at + len(evil))
    tree.base.write_bytes(hashlib.blake2b(kept, digest_size=16).digest() + kept)
    tree.add("geometry.py", "\n\ndef one():\n    pass\n")
    assert tree.read() == tree.read_anew()
    assert not mark.exists()


class _Runs:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (self.command,)


@pytest.mark.parametrize(
    "command",
    [
        ("tests.bench.increments", "--seeds", "1", "--kind", "function", "--kind", "removed statement"),
        ("tests.bench.determinism", "--times", "2"),
    ],
)
def test_the_commands_that_hold_readings_against_each_other(tmp_path: Path, command: tuple[str, ...]) -> None:
    tree = Tree.of_program(tmp_path)
    name, *options = command
    done = subprocess.run(
        [sys.executable, "-m", name, str(tree.root), *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the same" in done.stdout


def test_what_was_decided_of_one_place_is_not_taken_for_another(tmp_path: Path) -> None:
    tree = Tree.of_program(tmp_path)
    keys = (
        "\n\nclass Key:\n    def __hash__(self):\n        return 1\n\n\ndef one():\n    return {Key(): 1}\n"
    )
    tree.add("geometry.py", keys)
    shutil.rmtree(tree.cache)
    tree.read()
    tree.add("geometry.py", "\n\ndef two():\n    return {Key(): 2}\n")
    graph = CallGraph.from_bytes(tree.read())
    assert not tree.in_full
    assert "geometry:Key.__hash__" in {call.callee for call in graph.callees("geometry:two")}
    assert graph.to_bytes() == tree.read_anew()


def test_what_was_sure_to_happen_at_import_may_not(tmp_path: Path) -> None:
    tree = Tree.of_program(tmp_path)
    tree.add("geometry.py", "\n\nclass Chosen:\n    pass\n\n\nchosen = Chosen()\nchosen.way = measure\n")
    tree.add("geometry.py", "chosen.way = double\nchosen.way(1)\n")
    tree.read()
    shutil.rmtree(tree.cache)
    first = CallGraph.from_bytes(tree.read())
    path = tree.root / "geometry.py"
    tried = "try:\n    chosen.way = double\nfinally:\n    pass\n"
    path.write_text(
        path.read_text(encoding="utf-8").replace("chosen.way = double\n", tried), encoding="utf-8"
    )
    graph = CallGraph.from_bytes(tree.read())
    assert [call.callee for call in first.callees("geometry:<module>")] == ["geometry:double"]
    assert {call.callee for call in graph.callees("geometry:<module>")} == {
        "geometry:double",
        "geometry:measure",
    }
    assert graph.to_bytes() == tree.read_anew()


def test_files_are_counted_once(tmp_path: Path) -> None:
    tree = Tree.of_program(tmp_path)
    tree.add("shapes.py", "\n\ndef one():\n    return measure(1, 1)\n")
    tree.read()
    assert tree.said == [
        "finding files",
        "parsing: 0 of 2 files",
        "parsing: 1 of 2 files",
        "following values of what was added",
    ]
