from __future__ import annotations

import sys
from pathlib import Path

import pytest

from runtime import registration
from runtime.plan import StackPlan
from runtime.registration import personalise
from tests.runtime.plans import make_plan
from tracer.terminal.errors import UserError

REVERSING = "import json, sys; json.dump({n: p[::-1] for n, p in json.load(sys.stdin).items()}, sys.stdout)"


def python_that_runs(plan: StackPlan, code: str) -> None:
    plan.environment.python.parent.mkdir(parents=True)
    plan.environment.python.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{code}'\n")
    plan.environment.python.chmod(0o755)


def test_every_address_and_password_becomes_this_stacks_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = make_plan(tmp_path)
    python_that_runs(plan, REVERSING)
    told: list[str] = []
    monkeypatch.setattr(registration.mariadb, "execute", lambda _, statements: told.extend(statements))
    personalise(plan)
    text = "\n".join(told)
    assert all(f"'{url}'" in text for url in plan.endpoints.values())
    for name in ("admin", "nova", "placement", "glance", "neutron"):
        password = getattr(plan.secrets, name)
        assert f"'{password[::-1]}' where local_user.name = '{name}'" in text
        assert password not in text


def test_an_environment_that_cannot_hash_is_reported(tmp_path: Path) -> None:
    plan = make_plan(tmp_path)
    python_that_runs(plan, "import no_such_module")
    with pytest.raises(UserError, match="broken") as failure:
        personalise(plan)
    assert any("no_such_module" in line for line in failure.value.details)
