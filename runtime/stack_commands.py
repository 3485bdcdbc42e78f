"""The commands `stackwalk stack ...`."""

from __future__ import annotations

import time
from pathlib import Path

import click
import platformdirs
from rich.console import Console
from rich.table import Table

from runtime import reached
from runtime.acceleration import decide_once
from runtime.embedded.stack import EmbeddedStack
from runtime.following import follow, read_log
from runtime.installed import stack_environment
from runtime.plan import Concurrency, Network, StackChoices
from runtime.privileges import become_root
from runtime.provisioning.environments import cache_folder
from runtime.stack import ServiceStatus, Stack
from tracer.recording.extension import ensure_extension
from tracer.recording.switch import probe_environment
from tracer.terminal.errors import ANSWER_IS_NO, DONE, UserError
from tracer.terminal.progress import steps

DEFAULT_STATE_DIR = platformdirs.user_state_path("stackwalk") / "stack"

state_dir_option = click.option(
    "--state-dir",
    type=click.Path(file_okay=False, path_type=Path),
    default=DEFAULT_STATE_DIR,
    show_default=True,
    help="The folder that holds all of the stack.",
)


@click.group(
    epilog="""\b
Examples:
  stackwalk stack up                              real services; `--embedded` for one process instead
  stackwalk stack status
  stackwalk stack logs nova-compute -f
  stackwalk stack down
"""
)
def stack() -> None:
    """Bring a real compute stack up, look after it, take it down."""


@stack.command(
    short_help="Bring the stack up, ready to be recorded.",
    epilog="""\b
Examples:
  stackwalk stack up
  stackwalk stack up --embedded
  stackwalk stack up --concurrency eventlet
  stackwalk stack up --network none --state-dir /tmp/second
""",
)
@click.option(
    "--network",
    type=click.Choice(["neutron", "none"]),
    default="neutron",
    show_default=True,
    help="Real ports on Open vSwitch, or guests without network.",
)
@click.option(
    "--embedded",
    is_flag=True,
    help="The light variant: Nova in one process, no broker, no database server, no libvirtd, no network.",
)
@click.option(
    "--concurrency",
    type=click.Choice(["threading", "eventlet"]),
    default="threading",
    show_default=True,
    help="What nova runs on: native threads, or eventlet's green ones.",
)
@click.option(
    "--mask",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file with more rules for what recordings withhold (docs/recording.md).",
)
@state_dir_option
def up(
    network: Network, embedded: bool, concurrency: Concurrency, mask: Path | None, state_dir: Path
) -> None:
    """Bring the stack up; with its databases' schemas cached this takes less than a minute.

    Its services are ready to be recorded. On a failure, and on Ctrl-C, nothing stays behind but the logs.
    """
    light = EmbeddedStack(state_dir)
    one = Stack.load(state_dir)
    environment, guest = stack_environment(), reached.guest()
    if (embedded and one.exists) or (light.exists and not embedded):
        raise UserError(
            f"The stack in {one.layout.root} is {'an embedded' if light.exists else 'a real'} one",
            "Run `stackwalk stack down` first, or use another --state-dir.",
        )
    if not embedded:
        become_root()
    shown = steps()
    started = time.monotonic()
    with shown.step("Find out whether guests run under KVM"):
        virt_type = decide_once(guest, cache_folder()).virt_type
    ensure_extension(environment.python, shown)

    def probes(lane: str) -> dict[str, str]:
        return probe_environment(lane, one.layout.spool, mask=mask)

    choices = StackChoices(network, virt_type, concurrency)
    if (
        light.up(environment, choices, shown, probes)
        if embedded
        else one.up(environment, choices, cache_folder() / "schemas", shown, probes)
    ):
        click.echo(f"The stack in {one.layout.root} is up after {time.monotonic() - started:.0f} s.")
    else:
        click.echo(f"The stack in {one.layout.root} is up already.")


@stack.command(
    epilog="""\b
Examples:
  stackwalk stack status
  stackwalk stack status > /dev/null && echo works
"""
)
@state_dir_option
def status(state_dir: Path) -> None:
    """Ask every service whether it does its work.

    Ends with 0 when all do, with 1 when one does not or the stack is down.
    """
    light = EmbeddedStack(state_dir)
    if light.exists:
        services = light.services()
        Console().print(_table(services))
        raise SystemExit(ANSWER_IS_NO if any(service.trouble for service in services) else DONE)
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


@stack.command(
    epilog="""\b
Examples:
  stackwalk stack logs nova-compute
  stackwalk stack logs nova-compute -f
"""
)
@click.argument("service")
@click.option("-f", "--follow", "following", is_flag=True, help="Go on with what is added, until Ctrl-C.")
@state_dir_option
def logs(service: str, following: bool, state_dir: Path) -> None:
    """Print the log of SERVICE, also after the stack is down."""
    layout = Stack.load(state_dir).layout
    known = sorted(file.stem for file in layout.logs.glob("*.log"))
    if service not in known:
        raise UserError(
            f"The stack in {layout.root} has no log of {service!r}",
            f"It has logs of: {', '.join(known) or 'none yet'}.",
        )
    log = layout.log(service)
    for piece in follow(log) if following else read_log(log):
        click.echo(piece, nl=False)


@stack.command(
    short_help="Take the stack down; say what was removed.",
    epilog="""\b
Examples:
  stackwalk stack down
  stackwalk stack down --state-dir /tmp/second
""",
)
@state_dir_option
def down(state_dir: Path) -> None:
    """Take the stack down and remove all of it but its logs; says what was removed."""
    started = time.monotonic()
    light = EmbeddedStack(state_dir)
    if light.exists:
        ended = ", ".join(light.down())
        click.echo(f"The embedded stack in {light.layout.root} is down. Ended: {ended}")
        return
    become_root()
    one = Stack.load(state_dir)
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
