"""What a process has recorded of one trace and not yet written: the interface behind which tapes stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import CodeType
from typing import Protocol

Site = tuple[CodeType, "CodeType | None", int]
"""A function's code, the code that calls it (None at the bottom of a strand) and the offset of the calling
instruction."""

Piece = tuple[bytes, int, int, int, int, Sequence[Site], Sequence[str], Sequence[str]]
"""Records, and what their block says before them: the time at which it begins, the duration of so many units
(both in nanoseconds, duration first), its first span, the new sites, threads and types, each numbered on from
the tape's last, as far as the records do not tell of them themselves."""


class Strand(Protocol):
    """A stack of running functions that belongs to one context."""

    @property
    def depth(self) -> int:
        """How many recorded functions are running."""

    @property
    def thread(self) -> str:
        """The name of the thread in which they run; empty before the first."""

    def outgoing(self, link: int, key: str, detail: str) -> None:
        """Note that something leaves the function at the top."""


class Tape(Protocol):
    """Takes a trace's events, from any thread, and gives them as records."""

    stopped: bool
    """No further calls are taken: the spool is full or cannot be written."""

    def strand(self, incoming: str) -> Strand:
        """An empty strand whose lowest functions run under the link with the key ``incoming``."""

    def pending(self) -> int:
        """How much waits to be taken; 0 for nothing."""

    def notice(self, said: str) -> None:
        """Note that something is missing."""

    def close(self) -> None:
        """Note that the process ends its record in order."""

    def take(self, pause: Callable[[], None] | None) -> Piece:
        """What was recorded since the last time; calls ``pause`` now and then if that takes long."""

    def rest(self) -> None:
        """Let go of what only makes recording faster: the trace may never come back."""
