"""What a process has recorded of one trace and not yet written, kept in Python.

A twin of the C extension's tape (``native/``), with the same interface and the same contents.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic_ns
from types import CodeType, FrameType
from typing import Any, Protocol

from . import format as spool
from .format import SMALL, SMALL_BELOW, number, record, text

UNIT_BITS = 5
"""A unit of time is 32 nanoseconds."""

PAUSE_EVERY = 256
"""Events."""

KEPT_VALUES = 20_000
"""Encoded values kept for the next time they are met."""

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


PIECE_AT_MOST = 50_000
"""Events encoded at a time."""


class PythonStrand:
    """See `Strand`; the stack's entries are (frame, code)."""

    __slots__ = ("incoming", "number", "spans", "stack", "tape", "thread")

    def __init__(self, tape: PythonTape, incoming: str) -> None:
        self.tape = tape
        self.incoming = incoming
        self.stack: list[tuple[FrameType, CodeType]] = []
        self.thread = ""
        self.spans: list[int] = []
        """The stack as far as it is encoded."""
        self.number = -1

    @property
    def depth(self) -> int:
        """How many recorded functions are running."""
        return len(self.stack)

    def outgoing(self, link: int, key: str, detail: str) -> None:
        """Note that something leaves the function at the top."""
        self.tape.events.append((spool.OUTGOING, monotonic_ns(), self, link, key, detail))


class PythonTape:
    """See `Tape`. An event is a tuple that begins with its kind, its time and its strand:

    - ``(CALL, time, strand, code, calling code, instruction, activation, values)``
    - ``(RETURN, time, strand, outcome, value)``
    - ``(OUTGOING, time, strand, link, key, detail)``
    - ``(NOTICE, time, None, text)`` and ``(CLOSE, time, None)``
    """

    def __init__(self) -> None:
        self.events: list[tuple[Any, ...]] = []
        self.activations: dict[int, int] = {}
        """Of generators and coroutines by their frame's identity: how often they went on after a yield."""
        self.stopped = False
        self._span = 0
        self._strands = 0
        self._sites: dict[tuple[int, int, int], bytes] = {}
        self._site_count = 0
        self._threads: dict[str, int] = {}
        self._types: dict[str, int] = {}
        self._values: dict[tuple[Any, ...], bytes] = {}
        self._new_sites: list[Site] = []
        self._new_threads: list[str] = []
        self._new_types: list[str] = []

    def strand(self, incoming: str) -> PythonStrand:
        """An empty strand whose lowest functions run under the link with the key ``incoming``."""
        return PythonStrand(self, incoming)

    def pending(self) -> int:
        """How many events wait."""
        return len(self.events)

    def notice(self, said: str) -> None:
        """Note that something is missing."""
        self.events.append((spool.NOTICE, monotonic_ns(), None, said))

    def close(self) -> None:
        """Note that the process ends its record in order."""
        self.events.append((spool.CLOSE, monotonic_ns(), None))
        self.activations.clear()

    def take(self, pause: Callable[[], None] | None) -> Piece:
        """What was recorded since the last time; calls ``pause`` now and then."""
        events = self.events
        batch = events[:PIECE_AT_MOST]
        del events[: len(batch)]
        first_span = self._span + 1
        start = batch[0][1] if batch else monotonic_ns()
        content = self._encode(batch, start, pause)
        new = self._new_sites, self._new_threads, self._new_types
        self._new_sites, self._new_threads, self._new_types = [], [], []
        return (content, start, 1 << UNIT_BITS, 1, first_span, *new)

    def rest(self) -> None:
        """Forget encoded values kept for the next time they are met."""
        self._values.clear()

    def _encode(
        self, events: Sequence[tuple[Any, ...]], start: int, pause: Callable[[], None] | None
    ) -> bytes:
        parts: list[bytes] = []
        add = parts.append
        described: set[PythonStrand] = set()
        current: PythonStrand | None = None
        spans: list[int] = []
        last = 0
        span = self._span
        sites = self._sites.get
        encoded = self._values.get
        for position, event in enumerate(events, start=1):
            if not position % PAUSE_EVERY and pause is not None:
                pause()
            kind = event[0]
            now = event[1] - start >> UNIT_BITS
            strand = event[2]
            if strand is not current and strand is not None:
                if strand in described:
                    add(record(spool.SWITCH) + number(strand.number))
                else:
                    add(self._describe(strand))
                    described.add(strand)
                current = strand
                spans = strand.spans
            head = 0
            if now > last:
                head = now - last << 2
                last = now
            if kind == spool.CALL:
                _, _, _, code, calling, at, activation, values = event
                site = sites((id(code), id(calling), at)) or self._site(code, calling, at)
                if activation or values is not None:
                    shown = None
                    if values is not None:
                        shown = [encoded(value) or self._value(value) for value in values]
                    add(number(head | spool.RICH) + _rich_call(site, activation, shown))
                elif head < SMALL_BELOW:
                    add(SMALL[head | spool.CALL] + site)
                else:
                    add(number(head | spool.CALL) + site)
                span += 1
                spans.append(span)
            elif kind == spool.RETURN:
                _, _, _, outcome, value = event
                if outcome or value is not None:
                    flags = spool.RICH_END | outcome << spool.RICH_OUTCOME
                    more = b""
                    if value is not None:
                        flags |= spool.RICH_VALUE
                        more = encoded(value) or self._value(value)
                    add(number(head | spool.RICH) + number(flags) + more)
                else:
                    add(SMALL[head] if head < SMALL_BELOW else number(head))
                spans.pop()
            else:
                add(number(head | spool.OTHER) + bytes([kind]))
                if kind == spool.OUTGOING:
                    add(number(event[3]) + text(event[4]) + text(event[5]))
                elif kind == spool.NOTICE:
                    add(text(event[3]))
        self._span = span
        return b"".join(parts)

    def _describe(self, strand: PythonStrand) -> bytes:
        if strand.number < 0:
            strand.number = self._strands
            self._strands += 1
        thread = self._threads.get(strand.thread)
        if thread is None:
            thread = self._threads[strand.thread] = len(self._threads)
            self._new_threads.append(strand.thread)
        spans = strand.spans
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
        name = self._types.get(kind)
        if name is None:
            name = self._types[kind] = len(self._types)
            self._new_types.append(kind)
        if len(self._values) >= KEPT_VALUES:
            self._values.clear()
        found = self._values[value] = number(name) + number(flags) + more
        return found


def _rich_call(site: bytes, activation: int, values: list[bytes] | None) -> bytes:
    flags = 0
    more = b""
    if activation:
        flags |= spool.RICH_ACTIVATION
        more = number(activation)
    if values is not None:
        flags |= spool.RICH_VALUES
        more += number(len(values)) + b"".join(values)
    return number(flags) + site + more
