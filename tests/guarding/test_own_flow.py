"""The project's own call flow, held against its baseline and its contracts.

What is pinned is the backbone of a check, from the command to reading and comparing. When it changed and
that was meant: ``make callflow REASON="..."``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.guarding.inputs import How
from tracer.guarding.work import check, check_contracts, report_of
from tracer.regression.findings import report_of_verdicts
from tracer.regression.formats.text import text

PROJECT = Path(__file__).parents[2]
ROOMS = tuple(str(PROJECT / "tracer" / room) for room in ("guarding", "regression"))
MORE = tuple(str(PROJECT / "tracer" / room) for room in ("model", "recording"))


def test_the_flow_is_the_one_that_was_agreed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    sides = check(PROJECT / "tests" / "guarding" / "own.callflow", ROOMS, How())
    assert not sides.comparison.changes, text(report_of(sides.comparison, ROOMS)) + __doc__


def test_the_contracts_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    verdicts = check_contracts(PROJECT / "pyproject.toml", (*ROOMS, *MORE), How())
    report = report_of_verdicts(verdicts)
    assert not report.findings, text(report)
    assert len(report.passed) == len(verdicts)
