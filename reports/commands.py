"""The commands that turn recordings into things to look at."""

from __future__ import annotations

from pathlib import Path

import click

from reports import options


@click.command(
    short_help="Write a page that shows a recording.",
    epilog="""\b
Examples:
  stackwalk report rec --out page                 then open page/index.html, no network needed
  stackwalk report rec --out page                 once more: replaces its own earlier page
""",
)
@options.recording
@options.into_folder
@options.force
def report(recording: Path, out: Path, force: bool) -> None:
    """Write a page that shows RECORDING, a folder that `stackwalk record` made.

    The page opens in any browser, offline: what happened, the request's way through the services, the tree of
    all calls, and the source of every function with the values that went in and came out.
    """
    from reports.page.renderer import PageRenderer
    from reports.renderer import write_folder
    from tracer.notes.shipped import load_notes

    page = write_folder(PageRenderer(load_notes()), recording, out, force=force)
    click.echo(f"The page is {page}")
