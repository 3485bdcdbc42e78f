"""``stackwalk notes``: the notes on functions and edges, and whether they still fit."""

from __future__ import annotations

from pathlib import Path

import click

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(
    short_help="List the notes on the way of a request; check that they still fit.",
    epilog="""\b
Examples:
  stackwalk notes list
  stackwalk notes check --recording rec
""",
)
def notes() -> None:
    """Look after notes: what happens in a function, why it is there, what would go wrong without it.

    A note is a Markdown file, anchored to a function id (module:qualname) or to a call (caller -> callee).
    """


@notes.command(
    "check",
    short_help="Say which notes no longer fit a release or a recording.",
    epilog="""\b
Examples:
  stackwalk notes check                           the format, and that every note is translated
  stackwalk notes check --recording rec           which of them the recording did not reach
  stackwalk notes check --graph nova.graph        which of them a release no longer has
  stackwalk notes check --source venv/lib/python3.12/site-packages
  stackwalk notes check --notes my/notes          notes of your own
\b
Exit codes: 0 all fine, 1 something to mend, 2 broken input.
""",
)
@click.option(
    "--notes", "folder", type=FOLDER, help="Folder of the notes; without it, those that come along."
)
@click.option("--recording", type=click.Path(path_type=Path), help="A recording they should be about.")
@click.option(
    "--graph",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A call graph that `read --out` saved: of the release they should be about.",
)
@click.option(
    "--source",
    "sources",
    type=FOLDER,
    multiple=True,
    help="A folder that holds packages (site-packages, a checkout); repeatable.",
)
def check(folder: Path | None, recording: Path | None, graph: Path | None, sources: tuple[Path, ...]) -> int:
    """Say which anchors are gone from a release or were not reached in a recording.

    Each comes with the nearest name there is. Notes that lack a translation are reported as well.
    """
    from tracer.notes.printing import print_check

    return print_check(folder, recording, sources, graph)


@notes.command(
    "list",
    short_help="List the notes with their anchors.",
    epilog="""\b
Examples:
  stackwalk notes list
  stackwalk notes list --lang zh --notes my-notes
""",
)
@click.option(
    "--notes", "folder", type=FOLDER, help="Folder of the notes; without it, those that come along."
)
@click.option("--lang", "language", metavar="LANG", help="Language of the titles (en, zh); default: LANG's.")
def list_notes(folder: Path | None, language: str | None) -> None:
    """List all notes: chapter, title, anchor, languages."""
    from tracer.notes.printing import print_list

    print_list(folder, language)
