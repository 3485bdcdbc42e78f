"""A result's folder: it appears whole or not at all, and nobody else's files are ever overwritten."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracer.terminal.errors import UserError

MARKER = "stackwalk-report.json"


@contextmanager
def fresh_folder(target: Path, kind: str, source: Path, *, force: bool = False) -> Iterator[Path]:
    """A new empty folder that takes the place of ``target`` when the block ends without an error.

    Args:
        target: where the result shall be. It may be missing, empty, or an earlier result.
        kind: what is written, said in the marker file by which an earlier result is known.
        source: what the result is made from, never replaced.
        force: replace ``target`` even when it holds other things.

    Yields:
        The folder to write into.

    Raises:
        UserError: when ``target`` is not a folder, holds other things, or cannot be written.
    """
    _refuse_what_is_not_ours(target, force)
    if source.resolve().is_relative_to(target.resolve()):
        raise UserError(
            f"{target} holds what the report is made from and would be replaced by it.",
            "Give another folder with --out.",
        )
    workshop: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        workshop = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        fresh = workshop / "fresh"
        fresh.mkdir()
        yield fresh
        (fresh / MARKER).write_text(json.dumps({"kind": kind, "made_by": "stackwalk"}) + "\n", "utf-8")
        if target.exists():
            target.replace(workshop / "earlier")
        fresh.replace(target)
    except OSError as error:
        raise UserError(
            f"The report cannot be written to {target}: {error.strerror or error}",
            "Give another folder with --out, or make room.",
        ) from error
    finally:
        if workshop is not None:
            shutil.rmtree(workshop, ignore_errors=True)


def _refuse_what_is_not_ours(target: Path, force: bool) -> None:
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise UserError(f"{target} is not a folder.", "Give the name of a folder with --out.")
    if not target.exists() or force or not any(target.iterdir()):
        return
    if not (target / MARKER).is_file():
        raise UserError(
            f"{target} holds files that are not an earlier report.",
            "Give another folder with --out, or --force to replace everything in it.",
        )
