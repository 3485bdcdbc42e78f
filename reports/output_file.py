"""A result's file: it appears whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tracer.terminal.errors import UserError


def write_whole(target: Path, content: bytes) -> None:
    """Write ``content`` to ``target``, replacing an earlier file only when all of it is on disk.

    Raises:
        UserError: when the file cannot be written.
    """
    with whole_file(target) as file:
        file.write(content)


@contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """A file to be written piece by piece, which is at ``target`` when the block has come to its end.

    Raises:
        UserError: when the file cannot be written.
    """
    staging: Path | None = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        staging = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
        staging.replace(target)
    except OSError as error:
        raise UserError(
            f"{target} cannot be written: {error.strerror or error}",
            "Give another file with --out, or make room.",
        ) from error
    finally:
        if staging is not None:
            staging.unlink(missing_ok=True)
