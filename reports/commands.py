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
    from reports.output_folder import fresh_folder
    from reports.page.renderer import PageRenderer
    from tracer.model.recording_folder import open_recording
    from tracer.notes.shipped import load_notes
    from tracer.terminal.progress import steps

    renderer = PageRenderer(load_notes())
    opened = open_recording(recording)
    with fresh_folder(out, renderer.name, recording, force=force) as folder:
        page = renderer.render(opened, folder, steps()).relative_to(folder)
    click.echo(f"The page is {(out / page).resolve()}")
