"""The commands `stackwalk record attach` and `stackwalk record environment`."""

from __future__ import annotations

import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import get_args

import click

from runtime import reached
from runtime.attach import Attached, record_one, record_window
from runtime.embedded.stack import NOVA, EmbeddedStack
from runtime.privileges import become_root, hand_back
from runtime.record import refuse_taken
from runtime.stack_commands import state_dir_option
from runtime.summary import command_line, summary
from tracer.recording.attaching import close_window
from tracer.recording.switch import ValueMode, default_key_file, probe_environment
from tracer.terminal.progress import steps

spool_dir_option = click.option(
    "--spool-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that services of your own record into, instead of a stack's.",
)
key_option = click.option(
    "--key", "key_file", type=click.Path(dir_okay=False, path_type=Path), help="Their key file."
)


@click.command(
    short_help="Record requests to services that run already.",
    epilog="""\b
Examples:
  stackwalk record attach --out out/one                    prints two headers; send a request with them
  stackwalk record attach --for 30 --out out/window        everything that reaches nova-api in 30 s
  stackwalk record attach --for 10 --at glance --at keystone
  stackwalk record attach --off                            close a window that was left open
""",
)
@state_dir_option
@spool_dir_option
@key_option
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(min=0.1, max=3600),
    help="Record every request of the next seconds.",
)
@click.option(
    "--at",
    multiple=True,
    metavar="SERVICE",
    help="With --for: where a request begins to be recorded; repeatable  [default: nova's API]",
)
@click.option(
    "--at-most",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="With --for: requests that each process takes.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=1, max=86_400),
    default=120.0,
    show_default=True,
    help="How long to wait for the one request, in seconds.",
)
@click.option("--off", is_flag=True, help="Only close a window that was left open.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Where the recording, or with --for the folder of recordings, goes  [default: recordings/...]",
)
def attach(
    state_dir: Path,
    spool_dir: Path | None,
    key_file: Path | None,
    seconds: float | None,
    at: tuple[str, ...],
    at_most: int,
    timeout: float,
    off: bool,
    out: Path | None,
) -> None:
    """Record requests to services that run already, without restarting anything.

    Without --for, one request is recorded: the one that is sent, by whatever client, with the two headers
    that are printed. They hold for this one trace and for --timeout seconds; no other request can switch
    recording on. With --for, every request that comes in is recorded, each into a recording of its own.
    Afterwards the services are as before.
    """
    embedded = EmbeddedStack(state_dir).exists
    folder = (out or Path("recordings") / f"attached-{datetime.now().astimezone():%Y%m%d-%H%M%S}").absolute()
    if not off:
        refuse_taken(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
    if spool_dir is None and not embedded:
        become_root()
    services = _services(state_dir, spool_dir, key_file)
    if off:
        was_open = close_window(services.spool_dir)
        click.echo("The window is closed." if was_open else "No window was open.")
        return
    shown = steps()
    command = command_line(sys.argv)
    try:
        if seconds is None:
            made = [record_one(services, folder, command, timeout, _show_headers, shown)]
        else:
            begins = at or ((NOVA,) if embedded else ("nova-api",))
            made = record_window(services, folder, command, seconds, begins, at_most, shown)
    finally:
        hand_back(folder)
    if not made:
        click.echo(f"No request reached {', '.join(begins)} in that time.")
        raise SystemExit(1)
    for recording in made:
        for line in summary(recording):
            click.echo(line)


def _services(state_dir: Path, spool_dir: Path | None, key_file: Path | None) -> Attached:
    if spool_dir is not None:
        key = key_file or default_key_file(spool_dir)
        return Attached(spool_dir.absolute(), key, {"stack": "none: services of somebody's own"})
    target = reached.target(state_dir)
    return Attached(
        target.spool_dir,
        key_file or default_key_file(target.spool_dir),
        dict(target.facts),
        target.notices,
        (target.environment.site_packages,),
    )


def _show_headers(headers: dict[str, str]) -> None:
    click.echo("Send the request with these headers:")
    for name, value in headers.items():
        click.echo(f"  {name}: {value}")
    words = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    click.echo(f"With curl: curl {shlex.join(words)} ...")
    sys.stdout.flush()


@click.command(
    short_help="Print what lets a service carry the probe.",
    epilog="""\b
Examples:
  stackwalk record environment nova-compute --spool-dir /var/spool/stackwalk
  stackwalk record environment shop --spool-dir /var/spool/stackwalk --package shop > shop.env
""",
)
@click.argument("service")
@click.option(
    "--spool-dir",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder that the service shall record into; its user must be able to write there.",
)
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="NAME",
    help="What is recorded; repeatable  [default: OpenStack's services]",
)
@click.option(
    "--values", type=click.Choice(get_args(ValueMode)), default="short", help="How much of values is kept."
)
@click.option("--mask", type=click.Path(dir_okay=False, path_type=Path), help="More rules for masking.")
@key_option
def environment(
    service: str,
    spool_dir: Path,
    packages: tuple[str, ...],
    values: ValueMode,
    mask: Path | None,
    key_file: Path | None,
) -> None:
    """Print the environment with which SERVICE carries the dormant probe, as lines NAME=VALUE.

    For a systemd unit (EnvironmentFile=), a container or a shell. The key is made if there is none; give all
    hosts of an installation the same one.
    """
    if packages:
        variables = probe_environment(
            service, spool_dir, packages=packages, values=values, mask=mask, key_file=key_file
        )
    else:
        variables = probe_environment(service, spool_dir, values=values, mask=mask, key_file=key_file)
    for name, value in variables.items():
        click.echo(f"{name}={value}")
