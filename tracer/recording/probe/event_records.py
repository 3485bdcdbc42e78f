"""Turning what happened on a strand into records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from operator import length_hint
from time import monotonic
from types import CodeType
from typing import Any

from . import format as spool
from .format import SMALL, SMALL_BELOW, number, record, text
from .strand import PythonStrand
from .tape import Piece, Site

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

YIELD_FLAGS = number(spool.RICH_END | spool.YIELDED << spool.RICH_OUTCOME)

Called = tuple[CodeType, bytes, "Sites"]
"""A function's code, the number of the site, and the sites in the function."""


class Sites(dict[int, Called]):
    """What a piece of code called last, by the offset of the instruction.

    Attributes:
        code: the code; None for what is below the bottom of a strand.
    """

    __slots__ = ("code",)

    code: CodeType | None


class EventRecords:
    """Encodes the events of one tape's strands, and numbers what they tell of."""

    def __init__(self) -> None:
        self._span = 0
        self._strands = 0
        self._numbered: dict[tuple[int, int, int], Called] = {}
        """By the identities of the function's code and of the code that calls it, and the instruction."""
        self._sites_in: dict[int, Sites] = {}
        """By the identity of the code that calls."""
        self._new_sites: list[Site] = []
        self._threads = _Numbers()
        self._types = _Numbers()
        self._values: dict[tuple[Any, ...], bytes] = {}

    def forget_values(self) -> None:
        """Forget encoded values kept for the next time they are met."""
        self._values.clear()

    def piece(self, events: list[Any], strand: PythonStrand, pause: Callable[[], None]) -> Piece:
        """What ``events`` of ``strand``, at least one, come to; calls ``pause`` now and then."""
        first_span = self._span + 1
        start = _time(events)
        return self._complete(self._encode(events, strand, start, pause), start, first_span)

    def notes(self, notes: Sequence[tuple[Any, ...]]) -> Piece:
        """What notes that concern no strand come to, each ``(kind, time, more...)``."""
        start = last = notes[0][1] if notes else monotonic()
        content = b""
        for note in notes:
            content += self._rich(note, max(0, int((note[1] - last) * UNITS)) << 2)
            last = max(last, note[1])
        return self._complete(content, start, self._span + 1)

    def _complete(self, content: bytes, start: float, first_span: int) -> Piece:
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

    def _encode(
        self, events: list[Any], strand: PythonStrand, start: float, pause: Callable[[], None]
    ) -> bytes:
        parts = [self._describe(strand)]
        add = parts.append
        spans = strand.spans
        callers = strand.callers
        sites = self._sites_of(None) if strand.sites is None else strand.sites
        span = self._span
        last = 0
        entries = iter(events)
        while True:
            for entry in islice(entries, PAUSE_EVERY):
                kind = type(entry)
                activation = 0
                if kind is CodeType:
                    at = next(entries)
                    time = next(entries)
                    if type(time) is int:
                        activation = time
                        time = next(entries)
                elif kind is float:
                    time = entry if entry >= 0.0 else -entry
                else:
                    time = entry[1]
                head = 0
                now = int((time - start) * UNITS)
                if now > last:
                    head = now - last << 2
                    last = now
                if kind is float:
                    if entry >= 0.0:
                        add(SMALL[head] if head < SMALL_BELOW else number(head))
                    else:
                        add(number(head | spool.RICH) + YIELD_FLAGS)
                    del spans[-1]
                    sites = callers.pop()
                    continue
                values = None
                if kind is tuple:
                    if entry[0] != spool.CALL:
                        add(self._rich(entry, head))
                        if entry[0] == spool.RETURN:
                            del spans[-1]
                            sites = callers.pop()
                        continue
                    _, _, entry, at, values = entry
                site = sites.get(at)
                if site is None or site[0] is not entry:
                    site = self._site(sites, entry, at)
                span += 1
                spans.append(span)
                callers.append(sites)
                sites = site[2]
                if activation or values is not None:
                    add(number(head | spool.RICH) + self._rich_call(site[1], activation, values))
                elif head < SMALL_BELOW:
                    add(SMALL[head | spool.CALL])
                    add(site[1])
                else:
                    add(number(head | spool.CALL))
                    add(site[1])
            if not length_hint(entries):
                break
            pause()
        strand.sites = sites
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
        spans = strand.spans
        return b"".join(
            [record(spool.STRAND), number(strand.number), number(thread), text(strand.incoming)]
            + [number(value) for value in (len(spans), *spans)]
        )

    def _sites_of(self, code: CodeType | None) -> Sites:
        sites = self._sites_in.get(id(code))
        if sites is None:
            sites = self._sites_in[id(code)] = Sites()
            sites.code = code
        return sites

    def _site(self, sites: Sites, code: CodeType, at: int) -> Called:
        """Where ``code`` is called from the instruction ``at`` of the code that ``sites`` are in."""
        key = (id(code), id(sites.code), at)
        site = self._numbered.get(key)
        if site is None:
            site = self._numbered[key] = (code, number(len(self._numbered)), self._sites_of(code))
            self._new_sites.append((code, sites.code, at))
        sites[at] = site
        return site

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


def _time(events: list[Any]) -> float:
    """When the first of ``events`` happened."""
    first = events[0]
    if type(first) is tuple:
        return float(first[1])
    if type(first) is not float:
        first = events[2] if type(events[2]) is float else events[3]
    return abs(float(first))
