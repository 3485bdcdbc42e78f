"""A tape kept in Python: a twin of the C extension's (``native/``), with the same interface and the same
contents."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from types import CodeType
from typing import Any

from . import format as spool
from .event_records import EventRecords
from .strand import PythonStrand
from .tape import Piece

HOLD_BACK_AT = 40_000
"""Entries of events waiting to be written from which on threads are held back. What waits is lost to ``kill
-9``: encoding so many takes some 25 ms where threads want the interpreter all the while."""

HOLD_BACK_VALUES_AT = 30_000
"""The same where events have values: such an entry takes up some hundred bytes."""

PIECE_AT_MOST = 20_000
"""Entries of a strand's events encoded at a time."""


class PythonTape:
    """See `Tape`. Each strand has its own events, and each piece is of one strand.

    Args:
        takes_values: its events come with arguments and results.

    Attributes:
        hold_back_at: entries of one strand's events from which on its thread is to be held back.
        strands: those with events to be taken, and those on which functions run. Whoever puts a first event
            or function on a strand puts the strand here after that.
        activations: of generators and coroutines by their frame's identity, once they did: how often they
            went on after a yield.
    """

    def __init__(self, *, takes_values: bool) -> None:
        self._waiting_at_most = HOLD_BACK_VALUES_AT if takes_values else HOLD_BACK_AT
        self.hold_back_at = self._waiting_at_most
        self.strands: dict[PythonStrand, None] = {}
        self.activations: dict[int, int] = {}
        self._stopped = False
        self._notes: list[tuple[Any, ...]] = []
        """``(NOTICE, time, text)`` and ``(CLOSE, time)``."""
        self._records = EventRecords()

    @property
    def stopped(self) -> bool:
        """No further calls are taken: the spool is full or cannot be written."""
        return self._stopped

    @stopped.setter
    def stopped(self, stopped: bool) -> None:
        self._stopped = stopped
        self.hold_back_at = -1 if stopped else self._waiting_at_most
        for strand in tuple(self.strands):
            strand.forget_frames()

    def strand(self, incoming: str) -> PythonStrand:
        """An empty strand whose lowest functions run under the link with the key ``incoming``."""
        return PythonStrand(self, incoming)

    def pending(self) -> int:
        """How many entries of events wait."""
        return sum(len(strand.events) for strand in tuple(self.strands)) + len(self._notes)

    def notice(self, said: str) -> None:
        """Note that something is missing."""
        self._notes.append((spool.NOTICE, monotonic(), said))

    def close(self) -> None:
        """Note that the process ends its record in order."""
        self._notes.append((spool.CLOSE, monotonic()))
        self.activations.clear()

    def take(self, pause: Callable[[], None] | None) -> Piece:
        """What was recorded on a strand since the last time, or what there is to note once no strand has
        anything; calls ``pause`` now and then."""
        if not self._stopped:
            self.hold_back_at = self._waiting_at_most // (len(self.strands) or 1)
        for strand in tuple(self.strands):
            # Before its events are taken: whatever it records after that puts it back.
            if not strand.stack:
                self.strands.pop(strand, None)
            batch = _batch(strand.events)
            self._hold_back()
            if strand.stack or strand.events:
                self.strands[strand] = None
            if batch:
                return self._records.piece(batch, strand, lambda: self._let_others_run(pause))
        notes, self._notes = self._notes, []
        return self._records.notes(notes)

    def _let_others_run(self, pause: Callable[[], None] | None) -> None:
        if pause is not None:
            pause()
            self._hold_back()

    def _hold_back(self) -> None:
        """Have those wait at their next call who record faster than what they did can be encoded."""
        for strand in tuple(self.strands):
            if len(strand.events) > self.hold_back_at:
                strand.forget_frames()

    def rest(self) -> None:
        """Forget encoded values kept for the next time they are met."""
        self._records.forget_values()


def _batch(events: list[Any]) -> list[Any]:
    """Take the first of ``events``, to which other threads may add meanwhile."""
    count = _whole(events, min(len(events), PIECE_AT_MOST))
    batch = events[:count]
    del events[:count]
    return batch


def _whole(events: list[Any], count: int) -> int:
    """``count``, or where the call's entries end in whose middle that would be; where they begin if not all
    are there yet."""
    for first in range(count - 1, max(-1, count - 4), -1):
        if type(events[first]) is CodeType:
            end = first + 3
            if len(events) >= end and type(events[end - 1]) is int:
                end += 1
            return max(count, end) if len(events) >= end else first
    return count
