"""The commands `stackwalk record ...`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from runtime import reached
from runtime.acceleration import decide_once
from runtime.attach_commands import attach, environment
from runtime.embedded.stack import EmbeddedStack
from runtime.installed import stack_environment
from runtime.memory import require_room_for
from runtime.plan import StackChoices
from runtime.privileges import become_root, hand_back
from runtime.provisioning.environments import cache_folder
from runtime.record import record as record_scenario
from runtime.record import refuse_taken
from runtime.record_many import record_many
from runtime.scenarios.driver import Order
from runtime.scenarios.target import Target
from runtime.stack_commands import state_dir_option
from runtime.summary import command_line, summary
from tracer.recording.extension import ensure_extension
from tracer.recording.switch import probe_environment
from tracer.terminal.progress import Steps, steps

DEFAULT_NAME = "stackwalk-guest"

F = TypeVar("F", bound=Callable[..., Any])


def shared_options(command: F) -> F:
    """The options that all scenarios have."""
    for option in (
        state_dir_option,
        click.option(
            "--embedded",
            is_flag=True,
            help="Use a light stack of one process, made for this recording alone; less faithful.",
        ),
        click.option(
            "--timeout",
            type=click.FloatRange(min=1),
            default=120.0,
            show_default=True,
            help="How long the server and its guest may take, in seconds.",
        ),
        click.option(
            "--out",
            type=click.Path(path_type=Path),
            help="Where the recording goes  [default: recordings/SCENARIO-DATE-TIME]",
        ),
        click.option("--name", default=DEFAULT_NAME, show_default=True, help="The server's name."),
    ):
        command = option(command)
    return command


@click.group(
    epilog="""\b
Examples:
  stackwalk record create --name blue --out out/blue
  stackwalk record delete --name blue --out out/blue-gone
  stackwalk record attach --for 30 --out out/window
"""
)
def record() -> None:
    """Follow one request through every process it touches, and keep what was seen."""


record.add_command(attach)
record.add_command(environment)


@record.command(
    short_help="Create servers and follow each until its guest speaks.",
    epilog="""\b
Examples:
  stackwalk record create
  stackwalk record create --name walked --out out/walked
  stackwalk record create --embedded
  stackwalk record create --count 10 --at-once 5 --out out/ten
""",
)
@shared_options
@click.option(
    "--admin-password", default="", help="The guest's password; a secret, kept out of the recording."
)
@click.option("--user-data", default="", help="Text for the guest; a secret, kept out of the recording.")
@click.option(
    "--count",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    help="Create this many servers, NAME-001 and so on; --out holds a recording of each.",
)
@click.option(
    "--at-once",
    type=click.IntRange(1, 200),
    help="How many of them are asked for at the same moment  [default: all of them]",
)
def create(
    name: str,
    out: Path | None,
    timeout: float,
    embedded: bool,
    state_dir: Path,
    admin_password: str,
    user_data: str,
    count: int,
    at_once: int | None,
) -> None:
    """Create one server and follow the request until its guest has spoken on the console.

    With --count, several are created, at the same moment if need be, each followed into a recording of its
    own. All of them stay until they are deleted, or the stack is taken down; each takes about 256 MiB.
    """
    order = Order("create", name, timeout=timeout, admin_password=admin_password, user_data=user_data)
    _record(order, out, embedded, state_dir, count, at_once or count)


@record.command(
    short_help="Delete a server and follow it until it is gone.",
    epilog="""\b
Examples:
  stackwalk record delete
  stackwalk record delete --name walked --out out/walked-gone
""",
)
@shared_options
def delete(name: str, out: Path | None, timeout: float, embedded: bool, state_dir: Path) -> None:
    """Delete one server and follow the request until it is gone; one that is not there is created first."""
    _record(Order("delete", name, timeout=timeout), out, embedded, state_dir)


def _record(
    order: Order, out: Path | None, embedded: bool, state_dir: Path, count: int = 1, at_once: int = 1
) -> None:
    now = datetime.now().astimezone()
    if count > 1:
        require_room_for(count)
    folder = (out or Path("recordings") / f"{order.scene}-{now:%Y%m%d-%H%M%S}").absolute()
    refuse_taken(folder)
    # Made before becoming root, so that it is the person's own.
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not embedded and not EmbeddedStack(state_dir).exists:
        become_root()
    shown = steps()
    try:
        with _embedded(shown) if embedded else _running(state_dir) as target:
            if count == 1:
                made = [record_scenario(target, order, folder, command_line(sys.argv), shown)]
            else:
                made = record_many(target, order, count, at_once, folder, command_line(sys.argv), shown)
    finally:
        hand_back(folder)
    for recording in made:
        for line in summary(recording):
            click.echo(line)


@contextmanager
def _running(state_dir: Path) -> Iterator[Target]:
    yield reached.target(state_dir)


@contextmanager
def _embedded(shown: Steps) -> Iterator[Target]:
    """A light stack that lives as long as this does."""
    environment, guest = stack_environment(), reached.guest()
    ensure_extension(environment.python, shown)
    with tempfile.TemporaryDirectory(prefix="stackwalk-") as folder:
        stack = EmbeddedStack(Path(folder) / "stack")
        spool = stack.layout.spool
        virt_type = decide_once(guest, cache_folder()).virt_type
        try:
            choices = StackChoices(virt_type=virt_type)
            stack.up(environment, choices, shown, lambda lane: probe_environment(lane, spool))
            yield stack.target(guest, spool)
        finally:
            stack.down()
