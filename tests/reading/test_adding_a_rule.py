"""The rule that the guide develops works as the guide says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tracer.reading.reader import read
from tracer.terminal.errors import UserError

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-rule.md"


def _guide() -> list[str]:
    """The rule and the program of the guide."""
    return re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


def _install(folder: Path, value: str) -> None:
    """A package in ``folder`` that names ``value`` as a rule, as installers leave it."""
    information = folder / "celery_calls-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: celery-calls\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[stackwalk.rules]\ncelery = {value}\n")


def test_the_guides_example_finds_the_tasks(tmp_path: Path) -> None:
    rule, program = _guide()
    (tmp_path / "shop.py").write_text(program, encoding="utf-8")
    namespace: dict[str, Any] = {}
    exec(compile(rule, "rule", "exec"), namespace)

    graph = read([str(tmp_path)], processes=1, extra_rules=[namespace["Celery"]()])

    found = {(call.caller, call.callee, str(call.kind), call.rule) for call in graph.calls()}
    assert ("shop:checkout", "shop:ship", "spawn", "celery task") in found
    assert ("shop:checkout", "shop:bill", "spawn", "celery task") in found
    assert ("shop:ship", "shop:bill", "call", "flow") in found
    assert ("shop:bill", "shop:total", "call", "flow") in found


def test_a_rule_of_an_installed_package_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, program = _guide()
    plugin, shop = tmp_path / "plugin", tmp_path / "shop.py"
    plugin.mkdir()
    (plugin / "celery_calls_of_the_guide.py").write_text(rule, encoding="utf-8")
    _install(plugin, "celery_calls_of_the_guide:Celery")
    shop.write_text(program, encoding="utf-8")
    monkeypatch.syspath_prepend(plugin)

    graph = read([str(shop)], processes=1)

    assert [call.rule for call in graph.between("shop:checkout", "shop:ship")] == ["celery task"]


@pytest.mark.parametrize("value", ["nowhere_to_be_found:Rule", "json:JSONDecoder"])
def test_a_plug_in_that_is_no_rule_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    _install(tmp_path, value)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UserError, match=f"celery.*{value}|{value}.*celery"):
        read([str(tmp_path)], processes=1)
