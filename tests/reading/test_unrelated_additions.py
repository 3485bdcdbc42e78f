"""What nobody calls, and what calls nothing that was there, moves no call elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.reading.cases import CORPUS
from tests.reading.programs import programs
from tracer.model.graph import Call
from tracer.reading.reader import read

GROUPS = ("classes", "containers", "decorators", "generators", "imports", "rpc", "web")
UNRELATED = """

class UnrelatedThing:
    def __init__(self, first="{name}"):
        self.first = [first, "{name}", {{"{name}": self}}]

    def unrelated_method(self):
        return sorted(self.first, key=lambda item: UnrelatedThing(item).first)


def unrelated_function(*given, **named):
    return UnrelatedThing(*given).unrelated_method(), "{name}".upper()
"""
"""What is added; ``name`` is told apart by file."""


def _calls(root: Path) -> set[tuple[str, ...]]:
    """All calls of what was not added, without their lines."""
    graph = read([str(root)], label="programs", processes=1)
    return {_told(call) for call in graph.calls() if "nrelated" not in call.caller}


def _told(call: Call) -> tuple[str, ...]:
    return call.caller, call.callee, str(call.kind), str(call.certainty), call.rule


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(source=programs(), module=st.sampled_from(["aa_unrelated", "zz_unrelated", ""]))
def test_an_addition_to_a_random_program(
    tmp_path_factory: pytest.TempPathFactory, source: str, module: str
) -> None:
    tree = tmp_path_factory.mktemp("program")
    program = tree / "random_program.py"
    program.write_text(source, encoding="utf-8")
    before = _calls(tree)
    added = UNRELATED.format(name="text")
    if module:
        (tree / f"{module}.py").write_text(added, encoding="utf-8")
    else:
        program.write_text(source + added, encoding="utf-8")
    assert _calls(tree) == before


@pytest.mark.parametrize("group", GROUPS)
def test_additions_to_all_files_of_programs(group: str, tmp_path: Path) -> None:
    tree = tmp_path / "programs"
    shutil.copytree(CORPUS / group, tree)
    before = _calls(tree)
    for number, file in enumerate(sorted(tree.rglob("*.py"))):
        with file.open("a", encoding="utf-8") as program:
            program.write(UNRELATED.format(name=f"text{number}"))
    assert _calls(tree) == before
