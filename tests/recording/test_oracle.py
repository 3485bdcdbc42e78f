"""The recorded tree of random concurrent programs is the tree that the programs know to be theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.recording.oracle.compare import run_plans
from tests.recording.probed import Engine, engines

SIZE = 120


@pytest.mark.parametrize("first", [1000, 2000])
@pytest.mark.parametrize("engine", engines(), ids=str)
def test_recorded_trees_are_the_programs_own(engine: Engine, first: int, tmp_path: Path) -> None:
    """Several traces at once in one process, among threads that run the same functions untraced."""
    assert run_plans(engine, first, 6, SIZE, tmp_path) > 0
