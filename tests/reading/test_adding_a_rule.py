"""The documented example of a rule works as documented."""

from __future__ import annotations

import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import tracer.reading.links
from tests.reading.analysis import read_graph
from tracer.model.graph import CallGraph

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-rule.md"
RULE, PROGRAM = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture
def with_the_rule(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    module = types.ModuleType("documented_rule")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(RULE, str(PAGE), "exec"), module.__dict__)
    all_rules = tracer.reading.links.all_rules
    monkeypatch.setattr(
        "tracer.reading.reader.all_rules", lambda *words: [*all_rules(*words), module.Celery()]
    )
    yield


def found(graph: CallGraph, callee: str) -> list[tuple[str, str, str]]:
    """Kind, source line and rule of the calls from ``checkout`` to ``callee``."""
    lines = PROGRAM.splitlines()
    calls = graph.between("shop:checkout", f"shop:{callee}") if f"shop:{callee}" in graph else []
    return sorted((str(call.kind), lines[call.line - 1].strip(), call.rule) for call in calls)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "shop.py").write_text(PROGRAM, encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("with_the_rule")
def test_the_rule_finds_every_way_to_start_a_task(program: Path) -> None:
    graph = read_graph(program)
    assert found(graph, "pack") == [
        ("call", "pack(order)", "celery task"),
        ("rpc-cast", 'app.send_task("shop.pack", (order,))', "celery task"),
        ("rpc-cast", "pack.delay(order)", "celery task"),
    ]
    assert found(graph, "send") == [
        ("rpc-cast", 'app.send_task("mail.send", (order,))', "celery task"),
        ("rpc-cast", "send.apply_async((order,))", "celery task"),
    ]
    assert [call.callee for call in graph.callees("shop:send")] == ["shop:wrap"]


def test_without_the_rule_messages_lead_nowhere(program: Path) -> None:
    assert not [row for row in found(read_graph(program), "send") if row[0] == "rpc-cast"]
