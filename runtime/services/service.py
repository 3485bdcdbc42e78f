"""A service as the lifecycle sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


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
