"""What is told of calls that leave the code that was read."""

from __future__ import annotations

from pathlib import Path

from tracer.reading.reader import read

ASKED = ("list", "get", "create", "update", "delete", "upload", "data", "stage", "import_", "tasks")


def callees_of_ask(tmp_path: Path, names: tuple[str, ...], owner: str) -> set[str]:
    calls = "".join(f"ask({name!r})\n" for name in names)
    program = f"import client\n\n\ndef ask(name):\n    getattr({owner}, name)()\n\n\n{calls}"
    (tmp_path / "program.py").write_text(program, encoding="utf-8")
    graph = read([str(tmp_path)], processes=1)
    return {call.callee for call in graph.callees("program:ask")} - {"builtins:getattr"}


def test_few_attributes_of_something_external_are_named_one_by_one(tmp_path: Path) -> None:
    found = callees_of_ask(tmp_path, ASKED[:3], "client.Client().images")
    assert found == {f"client:Client().images.{name}" for name in ASKED[:3]} | {"client:Client"}


def test_many_attributes_of_one_external_thing_are_told_together(tmp_path: Path) -> None:
    found = callees_of_ask(tmp_path, ASKED, "client.Client().images")
    assert found == {"client:Client().images.<attribute>", "client:Client"}


def test_of_many_unlike_external_things_none_is_named(tmp_path: Path) -> None:
    assert callees_of_ask(tmp_path, ASKED, "client") == set()
