"""Where reports go."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.terminal.errors import UserError


def put(text: str, out: Path | None) -> None:
    """Write ``text`` to ``out``, whole or not at all, or to standard output.

    Raises:
        UserError: the file cannot be written.
    """
    if out is None:
        click.echo(text, nl=False)
        return
    scratch = out.with_name(f".{out.name}.part")
    try:
        scratch.write_text(text, encoding="utf-8")
        scratch.replace(out)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise UserError(f"{out}: {error.strerror or error}", "Write it elsewhere with --out.") from error
