"""The recorded tree of random concurrent programs is the tree that the programs know to be theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recording.oracle.compare import run_plans
from tests.recording.probed import Engine, engines
from tracer.recording.switch import ValueMode

SIZE = 120


@pytest.mark.parametrize(("first", "values"), [(1000, "short"), (2000, "none")])
@pytest.mark.parametrize("engine", engines(), ids=str)
def test_recorded_trees_are_the_programs_own(
    engine: Engine, first: int, values: ValueMode, tmp_path: Path
) -> None:
    """Several traces at once in one process, among threads that run the same functions untraced."""
    assert run_plans(engine, first, 6, SIZE, tmp_path, values) > 0
