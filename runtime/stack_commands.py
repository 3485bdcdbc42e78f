"""The commands `stackwalk stack ...`."""

from __future__ import annotations

import time
from pathlib import Path

import click
import platformdirs
from rich.console import Console
from rich.table import Table

from runtime.following import follow, read_log
from runtime.installed import stack_environment
from runtime.plan import Network, StackChoices
from runtime.privileges import become_root
from runtime.provisioning.environments import cache_folder
from runtime.stack import ServiceStatus, Stack
from tracer.recording.switch import probe_environment
from tracer.terminal.errors import ANSWER_IS_NO, UserError
from tracer.terminal.progress import steps

DEFAULT_STATE_DIR = platformdirs.user_state_path("stackwalk") / "stack"

state_dir_option = click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_STATE_DIR,
    show_default=True,
    help="The folder that holds all of the stack.",
)


@click.group()
def stack() -> None:
    """Bring a real compute stack up, look after it, take it down."""


@stack.command()
@click.option(
    "--network",
    type=click.Choice(["neutron", "none"]),
    default="neutron",
    show_default=True,
    help="Real ports on Open vSwitch, or guests without network.",
)
@state_dir_option
def up(network: Network, state_dir: Path) -> None:
    """Bring the stack up; with its databases' schemas cached this takes less than a minute.

    Its services are ready to be recorded. On a failure, and on Ctrl-C, nothing stays behind but the logs.

    \b
    Examples:
      stackwalk stack up
      stackwalk stack up --network none --state-dir /tmp/second
    """
    become_root()
    one = Stack.load(state_dir)
    started = time.monotonic()
    if one.up(
        stack_environment(),
        StackChoices(network=network),
        cache_folder() / "schemas",
        steps(),
        lambda lane: probe_environment(lane, one.layout.spool),
    ):
        click.echo(f"The stack in {one.layout.root} is up after {time.monotonic() - started:.0f} s.")
    else:
        click.echo(f"The stack in {one.layout.root} is up already.")


@stack.command()
@state_dir_option
def status(state_dir: Path) -> None:
    """Ask every service whether it does its work.

    Ends with 0 when all do, with 1 when one does not or the stack is down.
    """
    become_root()
    one = Stack.load(state_dir)
    if not one.exists:
        click.echo(f"The stack in {one.layout.root} is down.")
        raise SystemExit(ANSWER_IS_NO)
    services = one.services()
    Console().print(_table(services))
    for name, url in one.endpoints.items():
        click.echo(f"{name:10} {url}")
    click.echo(f"{'libvirt':10} {one.libvirt_uri(read_only=True)}")
    if any(service.trouble for service in services):
        raise SystemExit(ANSWER_IS_NO)


@stack.command()
@click.argument("service")
@click.option("-f", "--follow", "following", is_flag=True, help="Go on with what is added, until Ctrl-C.")
@state_dir_option
def logs(service: str, following: bool, state_dir: Path) -> None:
    """Print the log of SERVICE, also after the stack is down.

    \b
    Example: stackwalk stack logs nova-compute -f
    """
    layout = Stack.load(state_dir).layout
    log = layout.log(service)
    if not log.is_file():
        known = ", ".join(sorted(file.stem for file in layout.logs.glob("*.log"))) or "none yet"
        raise UserError(f"The stack in {layout.root} has no log of {service!r}", f"It has logs of: {known}.")
    for piece in follow(log) if following else read_log(log):
        click.echo(piece, nl=False)


@stack.command()
@state_dir_option
def down(state_dir: Path) -> None:
    """Take the stack down and remove all of it but its logs; says what was removed."""
    become_root()
    one = Stack.load(state_dir)
    started = time.monotonic()
    removed = one.down()
    if not removed:
        click.echo(f"The stack in {one.layout.root} is down.")
        return
    click.echo(f"The stack in {one.layout.root} is down after {time.monotonic() - started:.1f} s. Removed:")
    for line in removed.lines():
        click.echo(f"  {line}")


def _table(services: list[ServiceStatus]) -> Table:
    table = Table("service", "process", "state", box=None, header_style="bold")
    for service in services:
        state = f"[red]{service.trouble}[/]" if service.trouble else "[green]works[/]"
        table.add_row(service.name, str(service.pid or "-"), state)
    return table
