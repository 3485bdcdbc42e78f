"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from typing import IO

OPEN_TO_OTHERS = 0o666
FOR_OWNER_ONLY = 0o600


@contextmanager
def whole_file(path: Path, mode: int = OPEN_TO_OTHERS) -> Iterator[IO[bytes]]:
    """A file to be written piece by piece, which is at ``path`` when the block has come to its end.

    An earlier file there stays until then, and hands its permissions on. A link is followed. What is no file
    but takes bytes (a pipe, ``/dev/null``) is written to as it is.

    Args:
        path: where it shall be.
        mode: permissions of a file that is new, less what the process's umask takes away.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            yield stream
        return
    target = path.resolve()
    draft = target.with_name(f".{target.name}-{token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(handle, "wb") as stream:
            if target.exists():
                os.fchmod(handle, target.stat().st_mode & 0o777)
            yield stream
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_whole(path: Path, data: bytes, mode: int = OPEN_TO_OTHERS) -> None:
    """Write a file whole or not at all; see `whole_file`."""
    with whole_file(path, mode) as stream:
        stream.write(data)
