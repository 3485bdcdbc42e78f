"""What `stackwalk doctor` says and how it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from runtime.doctor import Finding, examine
from runtime.doctor_commands import doctor


def test_an_unprepared_machine_is_told_what_to_do_and_the_answer_is_no(tmp_path: Path) -> None:
    result = CliRunner().invoke(doctor, env={"STACKWALK_CACHE": str(tmp_path / "empty")})
    assert result.exit_code == 1
    lines = result.output.splitlines()
    services = next(number for number, line in enumerate(lines) if line.startswith("✗ services:"))
    assert lines[services + 1].strip().startswith("remedy: run `python3 -m runtime.bootstrap`")
    assert any(line.startswith("✗ guest:") for line in lines)


def test_every_finding_that_is_not_fine_has_a_remedy(tmp_path: Path) -> None:
    for finding in examine(tmp_path / "empty"):
        assert finding.found
        assert not finding.lacks or finding.remedy


@pytest.mark.parametrize(
    ("finding", "lacks"),
    [
        (Finding("one", "there"), False),
        (Finding("one", "missing", "install it"), True),
        (Finding("one", "slow", "update it", essential=False), False),
    ],
)
def test_only_what_the_stack_cannot_do_without_makes_the_answer_no(finding: Finding, lacks: bool) -> None:
    assert finding.lacks is lacks
