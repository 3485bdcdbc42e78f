"""What a run proves of a list of calls written by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reading.execution import SUPPORTED
from tests.reading.proved_truth import proved

pytestmark = pytest.mark.skipif(not SUPPORTED, reason="deriving the truth needs Python 3.12")

WRITTEN = {("main", "main.used"), ("main", "main.unused")}
FUNCTIONS = "def used():\n    pass\n\ndef unused():\n    pass\n\n"


@pytest.mark.parametrize(
    ("rest", "left"),
    [
        ("used()\n", {("main", "main.used")}),
        ("if FLAG:\n    used()\nelse:\n    unused()\n", WRITTEN),
        ("used()\nsorted(unused)\nunused()\n", {("main", "main.used")}),
        ("used()\nunused(1)\n", WRITTEN),
        ("used()\nimport nowhere_to_be_found\nunused()\n", WRITTEN),
    ],
    ids=["ran", "branch not taken", "stopped", "called in the wrong way", "module missing"],
)
def test_only_what_a_run_refutes_is_taken_away(tmp_path: Path, rest: str, left: set[tuple[str, str]]) -> None:
    (tmp_path / "main.py").write_text("FLAG = True\n" + FUNCTIONS + rest)
    assert proved(WRITTEN, tmp_path) == left


def test_what_runs_and_is_not_written_is_added(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(FUNCTIONS + "used()\n")
    assert proved(set(), tmp_path) == {("main", "main.used")}
