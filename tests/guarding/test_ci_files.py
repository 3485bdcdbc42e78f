"""The files for CI servers that come along: what those servers demand of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent.parent / "docs" / "ci"


@pytest.mark.parametrize(
    ("file", "schema"),
    [
        ("github-actions.yml", ["vendor.github-workflows"]),
        ("gitlab-ci.yml", ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"]),
    ],
)
def test_jobs_fit_the_schema_of_their_server(file: str, schema: list[str]) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", *schema, str(FOLDER / file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
