"""Folders that list what is in them in another order each time."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class _Shuffled(list[Any]):
    """What `os.scandir` gives, in another order."""

    def __enter__(self) -> _Shuffled:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __next__(self) -> Any:
        if not self:
            raise StopIteration
        return self.pop()

    def close(self) -> None:
        self.clear()


@contextmanager
def shuffled_folders(seed: int) -> Iterator[None]:
    """While this lasts, folders list their entries in an order that depends on ``seed``."""
    shuffle = random.Random(seed).shuffle
    scandir, listdir = os.scandir, os.listdir

    def shuffled_scandir(path: str = ".") -> _Shuffled:
        with scandir(path) as entries:
            listed = _Shuffled(entries)
        shuffle(listed)
        return listed

    def shuffled_listdir(path: str = ".") -> list[str]:
        listed = listdir(path)
        shuffle(listed)
        return listed

    os.scandir, os.listdir = shuffled_scandir, shuffled_listdir  # type: ignore[assignment]
    try:
        yield
    finally:
        os.scandir, os.listdir = scandir, listdir
