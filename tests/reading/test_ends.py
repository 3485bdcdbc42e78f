"""Programs whose values lead back to themselves are read to the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.reading.flow import core
from tracer.reading.reader import read

PROGRAMS = {
    "a chain of attributes of a framework's value": """
import oslo_messaging


def top(client):
    while client.parent:
        client = client.parent
    return client


top(oslo_messaging.get_rpc_client(None, None))
""",
    "classes that make each other in place of themselves": """
class One:
    pass


class Two:
    __new__ = One


One.__new__ = Two
Two()
""",
    "iterators that iterate over each other": """
class One:
    def __iter__(self):
        return Two()


class Two:
    def __iter__(self):
        return One()


for item in One():
    print(item)
""",
    "reducing by what reduces": """
import functools


class Folded:
    __init__ = functools.reduce


functools.reduce(Folded, [Folded])
""",
    "arguments that become more with every call": """
def call(*functions):
    functions[0]()
    call(print, *functions)


call(print)
""",
    "texts that are split in ways Python refuses": """
def split(text, most):
    return text.split(",", most), text.partition(",", most), text.split("", most), text.split(",", 1, most)


split("a,b", 1)
split("a,b", 2)
""",
    "items from the end of what is passed on": """
def call(first, second):
    first()
    second()


def put(rows, at):
    rows[at] = call
    return rows[at]


rows = [call, call]
put(rows, -3)
call(*rows)
""",
    "items that are their own container": """
class Row:
    def __getitem__(self, at):
        return self


def walk(row):
    for part in row:
        walk(part)


walk(Row())
""",
}


@pytest.mark.parametrize("name", list(PROGRAMS))
def test_reading_ends(tmp_path: Path, name: str) -> None:
    (tmp_path / "program.py").write_text(PROGRAMS[name], encoding="utf-8")
    graph = read([str(tmp_path)], processes=1)
    assert "program:<module>" in graph


def test_a_base_may_be_any_of_many_classes(tmp_path: Path) -> None:
    names = [f"C{number}" for number in range(60)]
    kinds = "".join(f"class {name}:\n    def go_{name}(self): pass\n" for name in names)
    made = "def make(base):\n    class Made(base):\n        pass\n    return Made\n"
    calls = "".join(f"make({name})().go_{name}()\n" for name in names)
    (tmp_path / "many.py").write_text(f"{kinds}{made}{calls}")
    graph = read([str(tmp_path / "many.py")])
    called = {call.callee for call in graph.callees("many:<module>")}
    assert called >= {f"many:{name}.go_{name}" for name in names}


def test_values_that_are_too_many_are_bounded_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_MUCH", "_MANY_EACH"):
        monkeypatch.setattr(core, name, 0)
    monkeypatch.setattr(core, "_BOUND", 3)
    kinds = "".join(f"class C{n}:\n    def go(self): pass\n" for n in range(9))
    calls = "".join(f"run(C{n}())\n" for n in range(9))
    (tmp_path / "many.py").write_text(f"{kinds}def run(one):\n    one.go()\n{calls}")
    graph = read([str(tmp_path / "many.py")])
    assert 3 <= len(graph.callees("many:run")) < 9
    assert any("not all were followed" in warning for warning in graph.summary.warnings)
