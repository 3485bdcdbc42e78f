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
def fresh_folder(target: Path, kind: str, *, force: bool = False) -> Iterator[Path]:
    """A new empty folder that takes the place of ``target`` when the block ends without an error.

    Args:
        target: where the result shall be. It may be missing, empty, or an earlier result.
        kind: what is written, said in the marker file by which an earlier result is known.
        force: replace ``target`` even when it holds other things.

    Yields:
        The folder to write into.

    Raises:
        UserError: when ``target`` is not a folder, holds other things, or cannot be written.
    """
    _refuse_what_is_not_ours(target, force)
    staging: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
        yield staging
        (staging / MARKER).write_text(json.dumps({"kind": kind, "made_by": "stackwalk"}) + "\n", "utf-8")
        staging.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        staging.replace(target)
    except OSError as error:
        raise UserError(
            f"The report cannot be written to {target}: {error.strerror or error}",
            "Give another folder with --out, or make room.",
        ) from error
    finally:
        if staging is not None and staging.exists():
            shutil.rmtree(staging, ignore_errors=True)


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
