"""Options and arguments that several of the commands have, worded once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from tracer.terminal.errors import UserError

recording = click.argument("recording", type=click.Path(path_type=Path))
into_folder = click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder that the result goes into.",
)
force = click.option(
    "--force", is_flag=True, help="Replace DIR even when it holds other things than an earlier report."
)
into_file = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Default: standard output."
)
notes_language = click.option(
    "--lang", "language", metavar="LANG", help="Language of the notes (en, zh); default: LANG's."
)
FORMAT_HELP = "Default: what the name given with --out says, else svg."


def format_of(out: Path | None, by_ending: Mapping[str, str]) -> str:
    """The format that the name of a file says; SVG where there is no file, or nothing behind a dot.

    Args:
        out: the file, if one was given.
        by_ending: the formats by what names end in.

    Raises:
        UserError: the name ends in what is no format's.
    """
    ending = out.suffix[1:].lower() if out else ""
    if ending and ending not in by_ending:
        raise UserError(
            f"{out}: there is no format whose files end in .{ending}.",
            f"Choose one with --format, or give a name that ends in {', '.join(sorted(by_ending))}.",
        )
    return by_ending.get(ending, "svg")
