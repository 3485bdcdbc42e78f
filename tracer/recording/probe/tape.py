"""What a process has recorded of one trace and not yet written, kept in Python.

A twin of the C extension's tape (``native/``), with the same interface and the same contents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from types import CodeType
from typing import Any, Protocol

from . import format as spool
from .format import SMALL, SMALL_BELOW, number, record, text
from .strand import PythonStrand

UNIT = 32
"""Nanoseconds of a unit of time."""

UNITS = 1e9 / UNIT
"""In a second."""

PAUSE_EVERY = 256
"""Events."""

KEPT_VALUES = 20_000
"""Encoded values kept for the next time they are met."""

NAMES_AT_MOST = 4096
"""Types and threads whose numbers are known at a time."""

HOLD_BACK_AT = 150_000
"""Entries of events waiting to be written from which on threads are held back."""

HOLD_BACK_VALUES_AT = 30_000
"""The same where events have values: such an entry takes up some hundred bytes."""

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


YIELD_FLAGS = number(spool.RICH_END | spool.YIELDED << spool.RICH_OUTCOME)

PIECE_AT_MOST = 40_000
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
        self._span = 0
        self._strands = 0
        self._sites: dict[tuple[int, int, int], bytes] = {}
        self._site_count = 0
        self._threads = _Numbers()
        self._types = _Numbers()
        self._values: dict[tuple[Any, ...], bytes] = {}
        self._new_sites: list[Site] = []

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
                return self._piece(batch, strand, pause)
        notes, self._notes = self._notes, []
        return self._piece(notes, None, pause)

    def _piece(
        self, batch: list[Any], strand: PythonStrand | None, pause: Callable[[], None] | None
    ) -> Piece:
        first_span = self._span + 1
        start = _time(batch) if batch else monotonic()
        content = self._encode(batch, strand, start, pause)
        sites, self._new_sites = self._new_sites, []
        return (
            content,
            round(start * 1e9),
            UNIT,
            1,
            first_span,
            sites,
            self._threads.take(),
            self._types.take(),
        )

    def _hold_back(self) -> None:
        """Have those wait at their next call who record faster than what they did can be encoded."""
        for strand in tuple(self.strands):
            if len(strand.events) > self.hold_back_at:
                strand.forget_frames()

    def rest(self) -> None:
        """Forget encoded values kept for the next time they are met."""
        self._values.clear()

    def _encode(
        self,
        events: list[Any],
        strand: PythonStrand | None,
        start: float,
        pause: Callable[[], None] | None,
    ) -> bytes:
        parts = [self._describe(strand)] if strand is not None else []
        add = parts.append
        calls = strand.calls if strand is not None else []
        last = 0
        span = self._span
        sites = self._sites.get
        left = PAUSE_EVERY
        entries = iter(events)
        for entry in entries:
            left -= 1
            if not left:
                left = PAUSE_EVERY
                if pause is not None:
                    pause()
                    self._hold_back()
            kind = type(entry)
            activation = 0
            values = None
            if kind is float:
                time = entry if entry >= 0.0 else -entry
            elif kind is not tuple:
                code = entry
                at = next(entries)
                time = next(entries)
                if type(time) is int:
                    activation = time
                    time = next(entries)
            else:
                time = entry[1]
            now = int((time - start) * UNITS)
            head = 0
            if now > last:
                head = now - last << 2
                last = now
            if kind is float:
                if entry < 0.0:
                    add(number(head | spool.RICH) + YIELD_FLAGS)
                else:
                    add(SMALL[head] if head < SMALL_BELOW else number(head))
                calls.pop()
                continue
            if kind is tuple:
                if entry[0] != spool.CALL:
                    add(self._rich(entry, head))
                    if entry[0] == spool.RETURN:
                        calls.pop()
                    continue
                _, _, code, at, values = entry
            calling = calls[-1][1] if calls else None
            site = sites((id(code), id(calling), at)) or self._site(code, calling, at)
            span += 1
            calls.append((span, code))
            if activation or values is not None:
                add(number(head | spool.RICH) + self._rich_call(site, activation, values))
            elif head < SMALL_BELOW:
                add(SMALL[head | spool.CALL] + site)
            else:
                add(number(head | spool.CALL) + site)
        self._span = span
        return b"".join(parts)

    def _rich(self, event: tuple[Any, ...], head: int) -> bytes:
        """An event that is no call."""
        kind = event[0]
        if kind == spool.RETURN:
            _, _, outcome, value = event
            flags = spool.RICH_END | outcome << spool.RICH_OUTCOME
            if value is None:
                return number(head | spool.RICH) + number(flags) if outcome else number(head)
            return number(head | spool.RICH) + number(flags | spool.RICH_VALUE) + self._encoded(value)
        begun = number(head | spool.OTHER) + bytes([kind])
        if kind == spool.OUTGOING:
            return begun + number(event[2]) + text(event[3]) + text(event[4])
        return begun + text(event[2]) if kind == spool.NOTICE else begun

    def _rich_call(self, site: bytes, activation: int, values: Sequence[tuple[Any, ...]] | None) -> bytes:
        flags = 0
        more = b""
        if activation:
            flags |= spool.RICH_ACTIVATION
            more = number(activation)
        if values is not None:
            flags |= spool.RICH_VALUES
            more += number(len(values)) + b"".join(map(self._encoded, values))
        return number(flags) + site + more

    def _encoded(self, value: tuple[Any, ...]) -> bytes:
        return self._values.get(value) or self._value(value)

    def _describe(self, strand: PythonStrand) -> bytes:
        if strand.number < 0:
            strand.number = self._strands
            self._strands += 1
        thread = self._threads.of(strand.thread)
        spans = [span for span, _ in strand.calls]
        return b"".join(
            [record(spool.STRAND), number(strand.number), number(thread), text(strand.incoming)]
            + [number(value) for value in (len(spans), *spans)]
        )

    def _site(self, code: CodeType, calling: CodeType | None, at: int) -> bytes:
        found = self._sites[id(code), id(calling), at] = number(self._site_count)
        self._site_count += 1
        self._new_sites.append((code, calling, at))
        return found

    def _value(self, value: tuple[Any, ...]) -> bytes:
        kind, shown, size, masked = value
        flags = spool.VALUE_MASKED if masked else 0
        more = b""
        if shown:
            flags |= spool.VALUE_TEXT
            more = text(shown)
        if size is not None:
            flags |= spool.VALUE_SIZE
            more += number(size)
        name = self._types.of(kind)
        if len(self._values) >= KEPT_VALUES:
            self._values.clear()
        found = self._values[value] = number(name) + number(flags) + more
        return found


class _Numbers:
    """Numbers of names, counted up. Names are forgotten when they have become many, and then get others."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}
        self._next = 0
        self._new: list[str] = []

    def of(self, name: str) -> int:
        """The number of ``name``."""
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= NAMES_AT_MOST:
                self._known.clear()
            known = self._known[name] = self._next
            self._next += 1
            self._new.append(name)
        return known

    def take(self) -> list[str]:
        """The names that got the next numbers since the last time."""
        new, self._new = self._new, []
        return new


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


def _time(events: list[Any]) -> float:
    """When the first of ``events`` happened."""
    first = events[0]
    if type(first) is tuple:
        return float(first[1])
    if type(first) is not float:
        first = events[2] if type(events[2]) is float else events[3]
    return abs(float(first))
