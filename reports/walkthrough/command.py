"""The command that writes the walkthrough."""

from __future__ import annotations

from pathlib import Path

import click

from reports import options


@click.command(
    short_help="Write a site that leads through a recording, step by step.",
    epilog="""\b
Examples:
  stackwalk walkthrough rec --out tour                      then open tour/index.html, no network needed
  stackwalk walkthrough rec --graph nova.graph --out tour   with what could have happened, too
  stackwalk walkthrough rec --lang zh --out tour            in Simplified Chinese
  stackwalk walkthrough rec --every-call --out tour         with the tree of all calls as a second view
  stackwalk walkthrough rec --single-file --out tour        one HTML file, to be sent by mail
""",
)
@options.recording
@click.option(
    "--graph",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What `stackwalk read` found: shows the calls that were possible and not taken.",
)
@click.option(
    "--notes",
    "notes_folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Notes of your own instead of those that come along.",
)
@click.option(
    "--lang",
    "language",
    type=click.Choice(["en", "zh"]),
    help="Language of all texts; default: that of the environment.",
)
@click.option(
    "--every-call",
    is_flag=True,
    help="Add the page of `stackwalk report`, the tree of all calls, as a second view.",
)
@click.option("--single-file", is_flag=True, help="Put everything into DIR/index.html.")
@options.into_folder
@options.force
def walkthrough(
    recording: Path,
    graph: Path | None,
    notes_folder: Path | None,
    language: str | None,
    every_call: bool,
    single_file: bool,
    out: Path,
    force: bool,
) -> None:
    """Write a site that leads a class through RECORDING, a folder that `stackwalk record` made.

    Chapters follow the request; every step shows where it ran, its source with the line that called, the
    values, why it is there and how we know. With a map, exercises, a glossary, reading keys and a handout to
    print. It opens in any browser, offline.
    """
    from reports.renderer import write_folder
    from reports.walkthrough.content import LANGUAGES
    from reports.walkthrough.renderer import WalkthroughRenderer
    from tracer.model.graph import CallGraph, GraphError
    from tracer.notes.shipped import CREATE_PATH, load_notes, preferred_language
    from tracer.terminal.errors import UserError

    if every_call and single_file:
        raise UserError(
            "--every-call adds a page of its own, --single-file allows none.", "Leave one of them out."
        )
    preferred = language or preferred_language()
    notes = load_notes(notes_folder or CREATE_PATH)
    try:
        static = CallGraph.load(graph) if graph else None
    except GraphError as error:
        raise UserError(error.message, error.remedy) from error
    renderer = WalkthroughRenderer(
        notes,
        preferred if preferred in LANGUAGES else "en",
        static,
        single=single_file,
        every_call=every_call,
    )
    page = write_folder(renderer, recording, out, force=force)
    click.echo(f"The walkthrough is {page}")
