"""A reading that remembers the last one gives what reading anew gives, whatever was edited between."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reading.cases import CORPUS
from tracer.reading import following
from tracer.reading.reader import read

PROGRAM = {
    "shapes.py": """
from geometry import measure


class Shape:
    def area(self):
        size = self.size()
        return measure(size)

    def size(self):
        return 1


class Square(Shape):
    def size(self):
        return 2


def draw(shape):
    shown = shape.area()
    return shown
""",
    "geometry.py": """
def measure(size):
    doubled = double(size)
    return doubled


def double(size):
    return size * 2


def halve(size):
    return size / 2
""",
    "main.py": """
from shapes import Shape, Square, draw


def run():
    for shape in (Shape(), Square()):
        draw(shape)


run()
""",
}
Edit = Callable[[Path], None]


def replaced(name: str, old: str, new: str) -> Edit:
    def edit(program: Path) -> None:
        text = (program / name).read_text(encoding="utf-8")
        assert old in text
        (program / name).write_text(text.replace(old, new), encoding="utf-8")

    return edit


def added(name: str, text: str) -> Edit:
    def edit(program: Path) -> None:
        with (program / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return edit


QUIET = {
    "comment": added("geometry.py", "\n# What is measured is doubled.\n"),
    "moved lines": replaced("geometry.py", "def halve", "\n\n\ndef halve"),
    "lines inside": replaced("shapes.py", "        return measure", "\n\n        return measure"),
    "call over two lines": replaced("shapes.py", "measure(size)", "measure(\n            size\n        )"),
    "renamed local": replaced("shapes.py", "shown", "seen"),
    "docstring": replaced(
        "shapes.py", "    def area(self):\n", '    def area(self):\n        """How large."""\n'
    ),
    "blank at the end": added("main.py", "\n\n"),
}
LOUD = {
    "call added": replaced("geometry.py", "    return doubled", "    halve(doubled)\n    return doubled"),
    "call removed": replaced("main.py", "        draw(shape)", "        shape"),
    "call replaced": replaced("geometry.py", "double(size)\n    return", "halve(size)\n    return"),
    "function added": added("geometry.py", "\n\ndef third(size):\n    return halve(size) / 3\n"),
    "function removed": replaced("geometry.py", "def halve(size):\n    return size / 2\n", ""),
    "method removed": replaced("shapes.py", "    def size(self):\n        return 2\n", "    pass\n"),
    "base changed": replaced("shapes.py", "class Square(Shape):", "class Square:"),
    "import changed": replaced("shapes.py", "import measure", "import halve as measure"),
    "file added": lambda program: (program / "extra.py").write_text("import main\nmain.run()\n"),
    "file deleted": lambda program: (program / "geometry.py").unlink(),
    "syntax broken": added("geometry.py", "\ndef (:\n"),
}


@pytest.fixture
def program(tmp_path: Path) -> Path:
    folder = tmp_path / "program"
    folder.mkdir()
    for name, text in PROGRAM.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def cold(program: Path) -> bytes:
    return read([str(program)], label="program", processes=1).to_bytes()


def warm(program: Path) -> bytes:
    return read([str(program)], label="program", processes=1, cache=program.parent / "cache").to_bytes()


@pytest.mark.parametrize("name", [*QUIET, *LOUD])
def test_one_edit(program: Path, name: str) -> None:
    assert warm(program) == cold(program)
    (QUIET | LOUD)[name](program)
    assert warm(program) == cold(program)
    assert warm(program) == cold(program)


@pytest.mark.parametrize("name", list(QUIET))
def test_nothing_is_followed_again_where_nothing_is_done_otherwise(
    program: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    warm(program)
    QUIET[name](program)
    expected = cold(program)

    def refused(*_: object) -> None:
        raise AssertionError("values were followed again")

    monkeypatch.setattr(following, "Propagation", refused)
    assert warm(program) == expected


def test_a_file_that_does_something_else_is_named(program: Path) -> None:
    warm(program)
    LOUD["call replaced"](program)
    said: list[str] = []
    read([str(program)], label="program", processes=1, cache=program.parent / "cache", progress=said.append)
    assert "following values again in full: geometry.py now does something else" in said


@pytest.mark.parametrize("seed", range(6))
def test_edits_one_after_another(program: Path, seed: int) -> None:
    chosen = random.Random(seed)
    edits = chosen.sample(sorted(QUIET), 4) + chosen.sample(
        ["function added", "call added", "base changed"], 2
    )
    chosen.shuffle(edits)
    warm(program)
    for name in edits:
        (QUIET | LOUD)[name](program)
        assert warm(program) == cold(program), name


def test_back_and_forth(program: Path) -> None:
    first = warm(program)
    source = program / "main.py"
    before = source.read_text(encoding="utf-8")
    LOUD["call removed"](program)
    assert warm(program) != first
    source.write_text(before, encoding="utf-8")
    assert warm(program) == first


def test_a_broken_file_keeps_its_warning(program: Path) -> None:
    LOUD["syntax broken"](program)
    warm(program)
    QUIET["comment"](program)
    graph = read([str(program)], label="program", processes=1, cache=program.parent / "cache")
    assert graph.to_bytes() == cold(program)
    assert [warning for warning in graph.summary.warnings if warning.startswith("geometry.py")]


def test_a_copy_elsewhere_is_the_same_program(program: Path, tmp_path: Path) -> None:
    warm(program)
    copy = tmp_path / "elsewhere" / "program"
    shutil.copytree(program, copy)
    QUIET["comment"](copy)
    cache = program.parent / "cache"
    assert read([str(copy)], label="program", processes=1, cache=cache).to_bytes() == cold(copy)


def test_what_else_was_asked_is_not_mistaken(program: Path) -> None:
    cache = program.parent / "cache"
    read([str(program)], label="program", processes=1, cache=cache, driver="other")
    assert read([str(program)], label="renamed", processes=1, cache=cache).summary.label == "renamed"


@pytest.mark.parametrize("harm", ["cut", "flipped", "emptied"])
def test_a_damaged_memory_counts_as_none(program: Path, harm: str) -> None:
    expected = warm(program)
    for kept in (program.parent / "cache" / "readings").iterdir():
        content = kept.read_bytes()
        middle = len(content) // 2
        kept.write_bytes(
            {
                "cut": content[:middle],
                "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
                "emptied": b"",
            }[harm]
        )
    assert warm(program) == expected


def test_only_a_few_readings_are_kept(program: Path) -> None:
    cache = program.parent / "cache"
    for number in range(20):
        read([str(program)], label=f"program {number}", processes=1, cache=cache)
    assert len(list((cache / "readings").iterdir())) < 20


@pytest.mark.parametrize("group", ["rpc", "web", "decorators", "context_managers", "versioned_objects"])
def test_comments_and_blank_lines_in_programs_of_all_sorts(group: str, tmp_path: Path) -> None:
    program = tmp_path / "program"
    shutil.copytree(CORPUS / group, program)
    warm(program)
    for number, path in enumerate(sorted(program.rglob("*.py"))):
        lines = path.read_text(encoding="utf-8").split("\n")
        at = next((at for at, line in enumerate(lines) if line.startswith(("def ", "class "))), len(lines))
        path.write_text(
            "\n".join([*lines[:at], *["# moved"] * (number % 5 + 1), *lines[at:]]), encoding="utf-8"
        )
    assert warm(program) == cold(program)
