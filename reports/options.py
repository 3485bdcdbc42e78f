"""Options and arguments that several of the commands have, worded once."""

from __future__ import annotations

from pathlib import Path

import click

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
