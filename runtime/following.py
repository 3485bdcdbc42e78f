"""Reading a log file, and following it as it grows."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

BLOCK = 1 << 16
PAUSE = 0.2


def read_log(log: Path) -> Iterator[str]:
    """What a log file holds now, in pieces."""
    with log.open(errors="replace", newline="") as stream:
        while piece := stream.read(BLOCK):
            yield piece


def follow(log: Path) -> Iterator[str]:
    """What a log file holds and whatever is added to it, without end; one that begins anew is read anew."""
    position = 0
    while True:
        if log.exists():
            size = log.stat().st_size
            if size < position:
                position = 0
            if size > position:
                with log.open("rb") as stream:
                    stream.seek(position)
                    piece = stream.read(BLOCK)
                position += len(piece)
                yield piece.decode(errors="replace")
                continue
        time.sleep(PAUSE)
