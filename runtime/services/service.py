"""A service as the lifecycle sees it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from runtime.plan import StackPlan
from runtime.processes import ProcessId

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

STACK_MARK = "STACKWALK_STACK"
"""The variable that every process of a stack carries, and its children too."""


@dataclass(frozen=True)
class Service:
    """One process of the stack.

    Args:
        name: its name, unique in the stack; its log file is called so.
        command: the program and its arguments.
        ready: asks the service whether it does its work; raises `NotReadyError` if not.
        lane: the lane it has in recordings; empty for what is never traced.
        environment: variables beside those that every service gets.
        after: names of the steps that must be done before it can start.
        view: a script that gives the process a private view of the file system and then becomes its command.
        infrastructure: whether the other services need it until their very end.
        api: the name of the held loopback port it accepts on; empty for none.
    """

    name: str
    command: tuple[str, ...]
    ready: Callable[[], None]
    lane: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    view: Path | None = None
    infrastructure: bool = False
    api: str = ""


def search_path(plan: StackPlan) -> str:
    """Where the stack's processes look for programs."""
    return f"{plan.environment.prefix / 'bin'}:{SYSTEM_PATH}"


def service_environment(plan: StackPlan, extra: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of a process of the stack.

    Nothing is taken from the caller's: no proxy and no setting of the person's own shell reaches a service.
    """
    home = plan.layout.state / "home"
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": search_path(plan),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "TMPDIR": str(plan.layout.temporary),
        # What is imported from the checkout would leave files of root's in it.
        "PYTHONDONTWRITEBYTECODE": "1",
        STACK_MARK: plan.layout.stack_id,
        **extra,
    }


def marked(process: ProcessId, stack_id: str) -> bool:
    """Whether a process carries a stack's mark."""
    return os.fsencode(f"{STACK_MARK}={stack_id}") in process.environment
