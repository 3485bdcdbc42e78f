"""A window of time in which requests are recorded that bring no leave of their own: a file, which whoever
opens the window puts beside the spools, and takes away again."""

from __future__ import annotations

import json
import os
import time
from itertools import count

SUFFIX = ".window"


class Window:
    """What the file says, as far as this process is concerned.

    Args:
        path: the file; there is none as a rule.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._version = 0
        self._until = 0.0
        self._prefix = ""
        self._services: tuple[str, ...] = ()
        self._left = 0
        self._numbers = count()

    def new_trace(self, service: str) -> str:
        """The id of a new trace for a request that has just come in; empty outside of any window."""
        try:
            found = os.stat(self._path)  # noqa: PTH116 - pathlib is not loaded in services for this
        except OSError:
            return ""
        if found.st_mtime_ns != self._version:
            self._version = found.st_mtime_ns
            self._read(found)
        if time.time() >= self._until or service not in self._services or next(self._numbers) >= self._left:
            return ""
        return self._prefix + os.urandom(8).hex()

    def _read(self, found: os.stat_result) -> None:
        self._until = 0.0
        if found.st_mode & 0o022 or found.st_uid not in (0, os.geteuid()):
            return
        try:
            with open(self._path, "rb") as file:  # noqa: PTH123
                stated = json.load(file)
            self._prefix = str(stated["prefix"])
            self._services = tuple(map(str, stated["services"]))
            self._left = int(stated["at_most"])
            self._until = float(stated["until"]) if len(self._prefix) == 16 else 0.0
            self._numbers = count()
        except (OSError, ValueError, KeyError, TypeError):
            self._until = 0.0
