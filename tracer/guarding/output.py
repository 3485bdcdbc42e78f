"""Where reports go."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.model.whole_file import write_whole
from tracer.terminal.errors import UserError


def put(text: str, out: Path | None) -> None:
    """Write ``text`` to ``out``, whole or not at all, or to standard output.

    Raises:
        UserError: the file cannot be written.
    """
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        write_whole(out, text.encode("utf-8"))
    except OSError as error:
        raise UserError(f"{out}: {error.strerror or error}", "Write it elsewhere with --out.") from error
