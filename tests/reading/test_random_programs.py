"""Whatever a program calls when it runs, the analyzer has found."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from tests.reading.analysis import own_edges, read_graph
from tests.reading.execution import SUPPORTED, executed_edges
from tests.reading.programs import programs


@pytest.mark.skipif(not SUPPORTED, reason="deriving the truth needs Python 3.12")
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(programs())
def test_every_call_that_runs_is_found(source: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "random_program.py").write_text(source, encoding="utf-8")
        executed = set(executed_edges([Path(folder)], "random_program"))
        found = set(own_edges(read_graph(Path(folder))))
    assert sorted(executed - found) == []
