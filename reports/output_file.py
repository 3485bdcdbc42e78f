"""A result's file: it appears whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tracer.model.whole_file import FOR_OWNER_ONLY
from tracer.model.whole_file import whole_file as whole
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

    It may hold what only the recording's owner should see, so nobody else may read it.

    Raises:
        UserError: when the file cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole(target, FOR_OWNER_ONLY) as file:
            yield file
    except OSError as error:
        raise UserError(
            f"{target} cannot be written: {error.strerror or error}",
            "Give another file with --out, or make room.",
        ) from error
