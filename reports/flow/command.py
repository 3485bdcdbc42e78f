"""The command that draws flow diagrams."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reports import options
from reports.canvas.fonts import missing_letters
from reports.flow.build import Notes, build_flow
from reports.flow.layout import TimeScale
from reports.flow.renderer import FORMATS
from reports.flow.scope import between as scope_between
from reports.flow.selection import STEPS, Level
from reports.mermaid_text import LONGEST_TEXT
from reports.output_file import write_whole
from tracer.model.recording_error import RecordingError
from tracer.model.recording_folder import open_recording
from tracer.model.request_tree import RequestTree
from tracer.notes.shipped import language_for, load_notes
from tracer.terminal.errors import UserError
from tracer.terminal.progress import steps as progress

_BY_SUFFIX = {make(TimeScale.EVEN).suffix: name for name, make in FORMATS.items()}


@click.command()
@options.recording
@click.option(
    "--level",
    type=click.Choice([level.value for level in Level]),
    default=Level.SERVICES.value,
    show_default=True,
    help="Messages between services, the request's main phases, or every call.",
)
@click.option(
    "--between",
    nargs=2,
    metavar="A B",
    help="Only the messages between two services, or what happened from one function to another.",
)
@click.option(
    "--format",
    "format_name",
    type=click.Choice(list(FORMATS)),
    help=options.FORMAT_HELP,
)
@options.into_file
@click.option(
    "--time",
    type=click.Choice([scale.value for scale in TimeScale]),
    default=TimeScale.EVEN.value,
    show_default=True,
    help="Rows one after the other, or apart by the time that passed.",
)
@click.option(
    "--steps",
    type=click.IntRange(1, 20_000),
    metavar="N",
    help=f"Steps to draw at most; default {', '.join(f'{level} {n:,}' for level, n in STEPS.items())}.",
)
@click.option("--notes", "with_notes", is_flag=True, help="What there is to know, beside the steps.")
@options.notes_language
def flow(
    recording: Path,
    level: str,
    between: tuple[str, str] | None,
    format_name: str | None,
    out: Path | None,
    time: str,
    steps: int | None,
    with_notes: bool,
    language: str | None,
) -> None:
    """Draw RECORDING as a sequence diagram.

    \b
    Examples:
      stackwalk flow ./recordings/create --out create.svg
      stackwalk flow ./recordings/create --level phases --out create.pdf
      stackwalk flow ./recordings/create --level phases --notes --lang zh --out create.svg
      stackwalk flow ./recordings/create --between nova-compute neutron --format mermaid
      stackwalk flow ./recordings/create --between compute.servers.create LibvirtDriver.spawn --out way.svg
    """
    if language and not with_notes:
        raise click.UsageError("--lang says in which language to show --notes, which is not given")
    name = format_name or options.format_of(out, _BY_SUFFIX)
    renderer = FORMATS[name](TimeScale(time))
    if out is None and name in ("png", "pdf") and sys.stdout.isatty():
        raise UserError(f"A {name.upper()} cannot be shown on a terminal.", "Give a file with --out.")
    said = progress()
    try:
        opened = open_recording(recording)
        with said.step("Read the recording"):
            tree, events = opened.tree, opened.hypervisor.events
    except RecordingError as error:
        raise UserError(error.message, error.remedy) from error
    with said.step("Choose the steps"):
        scope = scope_between(tree, *between) if between else None
        notes = _notes(tree, language) if with_notes else None
        diagram = build_flow(tree, Level(level), scope=scope, steps=steps, events=events, notes=notes)
    with said.step("Draw"):
        content = renderer.render(diagram)
    if name == "mermaid" and len(content.decode()) > LONGEST_TEXT:
        said.say(
            f"This text has {len(content.decode()):,} characters. Mermaid draws at most {LONGEST_TEXT:,} "
            "unless its setting maxTextSize is raised; ask for fewer with --steps."
        )
    if name in ("png", "pdf"):
        lacking = missing_letters(text for step in diagram.steps for text in (step.note, step.label))
        if lacking:
            said.say(lacking)
    if out is None:
        sys.stdout.buffer.write(content)
        return
    write_whole(out, content)
    for statement in diagram.statements:
        click.echo(statement)
    click.echo(f"The diagram is {out.resolve()}")


def _notes(tree: RequestTree, asked: str | None) -> Notes:
    """The notes on the release that ``tree`` was recorded on, by what they are about."""
    notes = load_notes()
    language = language_for(notes, asked)
    return {
        (note.anchor.caller, note.anchor.function) if note.anchor.caller else note.anchor.function: note.text(
            language
        ).brief
        for note in notes.notes
        if note.applies(tree.header.versions)
    }
