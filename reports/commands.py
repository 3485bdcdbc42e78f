"""The commands that turn recordings into things to look at."""

from __future__ import annotations

from pathlib import Path

import click

from reports.output_folder import fresh_folder
from reports.page.renderer import PageRenderer
from tracer.model.recording_error import RecordingError
from tracer.model.recording_folder import open_recording
from tracer.terminal.errors import UserError
from tracer.terminal.progress import steps


@click.command()
@click.argument("recording", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Folder that the page goes into."
)
@click.option("--force", is_flag=True, help="Replace DIR even when it holds other things than an earlier report.")
def report(recording: Path, out: Path, force: bool) -> None:
    """Write a page that shows RECORDING; it opens in any browser, offline.

    \b
    Example:
      stackwalk report ./recordings/create --out ./page
    """
    renderer = PageRenderer()
    try:
        opened = open_recording(recording)
        with fresh_folder(out, renderer.name, force=force) as folder:
            page = renderer.render(opened, folder, steps()).relative_to(folder)
    except RecordingError as error:
        raise UserError(error.message, error.remedy) from error
    click.echo(f"The page is {(out / page).resolve()}")
