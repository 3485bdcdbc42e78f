"""Small files that hold leave to record: whole from the beginning, and readable by their owner only."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def create_private(file: Path, text: str) -> None:
    """Make ``file`` with ``text`` in it, under its name only when it is whole.

    Raises:
        FileExistsError: it is there already.
        OSError: it cannot be written.
    """
    descriptor, draft = tempfile.mkstemp(prefix=f".{file.name}-", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text)
        os.link(draft, file)
    finally:
        Path(draft).unlink()
