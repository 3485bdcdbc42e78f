"""The rule that the guide develops works as the guide says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tracer.reading.reader import read

GUIDE = Path(__file__).parents[2] / "docs" / "adding-a-rule.md"


def test_the_guides_example_finds_the_tasks(tmp_path: Path) -> None:
    rule, program = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "shop.py").write_text(program, encoding="utf-8")
    namespace: dict[str, Any] = {}
    exec(compile(rule, "rule", "exec"), namespace)

    graph = read([str(tmp_path)], processes=1, extra_rules=[namespace["Celery"]()])

    found = {(call.caller, call.callee, str(call.kind), call.rule) for call in graph.calls()}
    assert ("shop:checkout", "shop:ship", "spawn", "celery task") in found
    assert ("shop:checkout", "shop:bill", "spawn", "celery task") in found
    assert ("shop:ship", "shop:bill", "call", "flow") in found
    assert ("shop:bill", "shop:total", "call", "flow") in found
