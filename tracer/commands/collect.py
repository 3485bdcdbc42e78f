"""``stackwalk collect``: what several hosts recorded, as one recording."""

from __future__ import annotations

import shlex
from pathlib import Path

import click


@click.command(
    short_help="Merge what several hosts recorded.",
    epilog="""\b
Examples:
  stackwalk collect controller/spool compute-1/spool --out out/merged
  stackwalk collect host-*/spool --trace 4bf92f3577b34da6a3ce929d0e0e4736 --out out/merged
""",
)
@click.argument("folders", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Where the recording goes.")
@click.option("--trace", "trace_id", default="", metavar="ID", help="Which trace, where there are several.")
@click.option(
    "--source",
    "source_roots",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Look for source files here, too; repeatable.",
)
def collect(folders: tuple[Path, ...], out: Path, trace_id: str, source_roots: tuple[Path, ...]) -> None:
    """Merge the spools in each DIR, copied from the hosts that wrote them, into one recording.

    Each host has a clock of its own. How far they are apart is worked out from the messages between them:
    none is received before it is sent. What comes of it is said, with the interval in which the truth lies.
    """
    from tracer.recording.collecting import collect as merge
    from tracer.terminal.wording import counted

    told = shlex.join(["stackwalk", "collect", *map(str, folders), "--out", str(out)])
    made = merge(folders, out, told, trace_id=trace_id, source_roots=source_roots)
    header = made.header
    click.echo(
        f"Recording: {out}\n"
        f"  {counted(header.spans, 'span')} in {counted(len(header.lanes), 'process', 'processes')} "
        f"on {header.facts['hosts']}; "
        f"orphans: {len(header.orphans)}, notices: {len(header.notices)}"
    )
    for notice in header.notices:
        if notice.startswith("another clock"):
            click.echo(f"  {notice}")
