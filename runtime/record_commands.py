"""The commands `stackwalk record ...`."""

from __future__ import annotations

import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from runtime import reached
from runtime.acceleration import decide_once
from runtime.embedded.stack import EmbeddedStack
from runtime.installed import stack_environment
from runtime.privileges import become_root, hand_back
from runtime.provisioning.environments import cache_folder
from runtime.record import record as record_scenario
from runtime.record import refuse_taken
from runtime.scenarios.driver import Order
from runtime.scenarios.target import Target
from runtime.stack_commands import state_dir_option
from tracer.model.recording_folder import Recording
from tracer.recording.extension import ensure_extension
from tracer.recording.switch import probe_environment
from tracer.terminal.progress import Steps, steps

SECRET_OPTIONS = ("--admin-password", "--user-data")
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


@click.group()
def record() -> None:
    """Follow one request through every process it touches, and keep what was seen."""


@record.command(
    epilog="""\b
Examples:
  stackwalk record create
  stackwalk record create --name walked --out out/walked
  stackwalk record create --embedded
""",
)
@shared_options
@click.option(
    "--admin-password", default="", help="The guest's password; a secret, kept out of the recording."
)
@click.option("--user-data", default="", help="Text for the guest; a secret, kept out of the recording.")
def create(
    name: str,
    out: Path | None,
    timeout: float,
    embedded: bool,
    state_dir: Path,
    admin_password: str,
    user_data: str,
) -> None:
    """Create one server and follow the request until its guest has spoken on the console."""
    order = Order("create", name, timeout=timeout, admin_password=admin_password, user_data=user_data)
    _record(order, out, embedded, state_dir)


@record.command()
@shared_options
def delete(name: str, out: Path | None, timeout: float, embedded: bool, state_dir: Path) -> None:
    """Delete one server and follow the request until it is gone; one that is not there is created first."""
    _record(Order("delete", name, timeout=timeout), out, embedded, state_dir)


def _record(order: Order, out: Path | None, embedded: bool, state_dir: Path) -> None:
    now = datetime.now().astimezone()
    folder = (out or Path("recordings") / f"{order.scene}-{now:%Y%m%d-%H%M%S}").absolute()
    refuse_taken(folder)
    # Made before becoming root, so that it is the person's own.
    folder.parent.mkdir(parents=True, exist_ok=True)
    if not embedded:
        become_root()
    shown = steps()
    try:
        with _embedded(shown) if embedded else _running(state_dir) as target:
            made = record_scenario(target, order, folder, command_line(sys.argv), shown)
    finally:
        hand_back(folder)
    for line in summary(made):
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
            stack.up(environment, virt_type, shown, lambda lane: probe_environment(lane, spool))
            yield stack.target(guest, spool)
        finally:
            stack.down()


def command_line(words: Sequence[str]) -> str:
    """The command line as it may be shown: the values of secret options are left out.

    Args:
        words: the program and its arguments.
    """
    shown = [Path(words[0]).name]
    hide = False
    for word in words[1:]:
        option = word.partition("=")[0]
        if hide:
            shown.append("***")
            hide = False
        elif option in SECRET_OPTIONS and "=" in word:
            shown.append(f"{option}=***")
        else:
            shown.append(word)
            hide = word in SECRET_OPTIONS
    return shlex.join(shown)


def summary(made: Recording) -> list[str]:
    """What a recording holds, in a few lines."""
    header = made.header
    links = ", ".join(f"{kind} {count}" for kind, count in sorted(header.links.items()) if kind)
    services = ", ".join(f"{name} {count}" for name, count in header.services.items())
    return [
        f"Recording: {made.folder}",
        f"  spans: {header.spans:,} of {header.functions:,} functions, in {len(header.lanes)} processes",
        f"  services: {services}",
        f"  links: {links or 'none'}",
        f"  orphans: {len(header.orphans)}, unanswered: {len(header.unanswered)}, "
        f"notices: {len(header.notices)}",
        f"Look at it with `stackwalk show {shlex.quote(str(made.folder))}`.",
    ]
