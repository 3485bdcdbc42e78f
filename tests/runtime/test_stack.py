from __future__ import annotations

import fcntl
import json
from dataclasses import asdict
from pathlib import Path

import pytest
from click.testing import CliRunner

from runtime.environment import StackEnvironment
from runtime.ledger import Ledger, Started
from runtime.plan import StackChoices, StackPlan
from runtime.stack import FACTS_VERSION, Stack
from runtime.stack_commands import stack as stack_command
from tests.runtime.plans import identity, make_plan, sleeper
from tracer.terminal.errors import ANSWER_IS_NO, UserError
from tracer.terminal.progress import PlainSteps, Steps


class NoSteps(PlainSteps):
    """Steps that say nothing."""

    def __init__(self) -> None:
        pass

    def say(self, text: str) -> None:
        """Says nothing."""


@pytest.fixture
def quiet() -> Steps:
    return NoSteps()


def written(plan: StackPlan, *, complete: bool = True) -> Stack:
    """The stack of a plan, as bringing it up leaves it on disk."""
    plan.secrets.write(plan.layout.secrets)
    facts = {
        "version": FACTS_VERSION,
        "complete": complete,
        "environment": str(plan.environment.prefix),
        "choices": asdict(plan.choices),
        "ports": dict(plan.ports),
    }
    plan.layout.facts.write_text(json.dumps(facts))
    return Stack.load(plan.layout.root)


def test_a_stack_is_known_again_from_its_folder(tmp_path: Path) -> None:
    plan = make_plan(tmp_path)
    stack = written(plan)
    assert stack.exists
    assert stack.plan.secrets == plan.secrets
    assert stack.endpoints == plan.endpoints
    assert stack.endpoints["keystone"].endswith("/v3")
    assert stack.credentials()["password"] == plan.secrets.admin
    assert stack.libvirt_uri(read_only=True) != stack.libvirt_uri()


def test_a_partial_stack_says_which_service_is_missing_and_which_has_ended(tmp_path: Path) -> None:
    plan = make_plan(tmp_path, "none")
    stack = written(plan, complete=False)
    ended = sleeper()
    Ledger(plan.layout.ledger).add(Started("keystone", identity(ended)))
    ended.kill()
    ended.wait()
    silent = sleeper()
    Ledger(plan.layout.ledger).add(Started("placement", identity(silent)))
    found = {service.name: service for service in stack.services()}
    silent.kill()
    silent.wait()
    assert not stack.runs
    assert f"{ended.pid}" in found["keystone"].trouble
    assert found["keystone"].pid is None
    assert found["placement"].pid == silent.pid
    assert "not answered" in found["placement"].trouble
    assert found["glance"].trouble == "has not been started"


def test_what_is_not_up_says_so_with_a_remedy(tmp_path: Path) -> None:
    stack = Stack.load(tmp_path / "none")
    assert not stack.exists
    assert not stack.runs
    with pytest.raises(UserError) as refusal:
        _ = stack.endpoints
    assert refusal.value.exit_code == ANSWER_IS_NO
    assert "stack up" in refusal.value.remedy


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"version": 99}', '{"version": 1}', '{"version": 1, "ports": []}']
)
def test_a_damaged_folder_is_an_error_with_a_remedy(tmp_path: Path, text: str) -> None:
    stack = written(make_plan(tmp_path))
    stack.layout.facts.write_text(text)
    with pytest.raises(UserError, match=r"stack\.json") as refusal:
        _ = stack.plan
    assert "stack down" in refusal.value.remedy


def test_taking_down_what_is_down_is_no_error(tmp_path: Path) -> None:
    stack = Stack.load(tmp_path / "none")
    assert not stack.down()
    assert not (tmp_path / "none").exists()


def test_taking_down_a_damaged_stack_ends_it(tmp_path: Path) -> None:
    stack = written(make_plan(tmp_path))
    child = sleeper()
    process = identity(child)
    Ledger(stack.layout.ledger).add(Started("keystone", process))
    stack.layout.facts.write_text("{")
    assert stack.down().processes
    assert not process.alive
    child.wait()
    assert not stack.down()


def test_a_folder_with_other_things_in_it_is_refused_and_kept(tmp_path: Path, quiet: Steps) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter").write_text("dear")
    with pytest.raises(UserError, match="not empty"):
        Stack.load(tmp_path / "home").up(make_plan(tmp_path).environment, StackChoices(), tmp_path, quiet)
    assert [entry.name for entry in (tmp_path / "home").iterdir()] == ["letter"]


def test_two_commands_at_once_are_refused(tmp_path: Path, quiet: Steps) -> None:
    plan = make_plan(tmp_path)
    stack = written(plan)
    with plan.layout.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another command"):
            stack.up(plan.environment, plan.choices, tmp_path / "cache", quiet)
        with pytest.raises(UserError, match="another command"):
            stack.down()


def test_logs_of_an_unknown_service_name_the_known_ones(tmp_path: Path) -> None:
    plan = make_plan(tmp_path)
    plan.layout.log("nova-api").write_text("said by nova-api\n")
    runner = CliRunner()
    shown = runner.invoke(stack_command, ["logs", "nova-api", "--state-dir", str(plan.layout.root)])
    assert shown.output == "said by nova-api\n"
    refused = runner.invoke(stack_command, ["logs", "nova-apy", "--state-dir", str(plan.layout.root)])
    assert isinstance(refused.exception, UserError)
    assert "nova-api" in refused.exception.remedy


@pytest.mark.parametrize("name", ["../secrets", "/etc/passwd", "..", ""])
def test_logs_are_read_from_the_log_folder_only(tmp_path: Path, name: str) -> None:
    plan = make_plan(tmp_path)
    (plan.layout.root / "secrets.log").write_text("secret")
    refused = CliRunner().invoke(stack_command, ["logs", name, "--state-dir", str(plan.layout.root)])
    assert isinstance(refused.exception, UserError)


def test_missing_programs_are_named_before_anything_is_started(tmp_path: Path, quiet: Steps) -> None:
    plan = make_plan(tmp_path)
    empty = StackEnvironment(tmp_path / "empty")
    stack = Stack.load(plan.layout.root)
    with pytest.raises(UserError, match="nova-compute") as refusal:
        stack.up(empty, StackChoices(), tmp_path / "cache", quiet)
    assert "doctor" in refusal.value.remedy
    assert not stack.exists
    assert not stack.layout.run.exists()
