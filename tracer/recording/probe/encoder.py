"""Turning events into spool records and blocks; the events' shapes are in `tracing`."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from types import CodeType
from typing import Any

from . import format as spool
from .format import number, signed, text
from .functions import FunctionTable

BASE, NAME, FUNCTION, THREAD, ENTER, EXIT, OUTGOING, NOTICE, CLOSE = (
    bytes([opcode])
    for opcode in (
        spool.BASE,
        spool.NAME,
        spool.FUNCTION,
        spool.THREAD,
        spool.ENTER,
        spool.EXIT,
        spool.OUTGOING,
        spool.NOTICE,
        spool.CLOSE,
    )
)

NEAR = {distance: signed(distance) for distance in range(-128, 129)}
"""Between the ids of spans one after another."""

FLAGS = tuple(number(flags) for flags in range(8))

PAUSE_EVERY = 256
"""Events."""

KEPT_VALUES = 20_000
"""Encoded values kept for the next time they are met."""

KEPT_SITES = 20_000
"""Encoded places of calls kept for the next time they are met."""

COMPRESS_FROM = 256
"""Bodies shorter than this many bytes are stored as they are."""


class Encoder:
    """Encodes one spool's records and keeps track of which names it has already written."""

    def __init__(self, functions: FunctionTable) -> None:
        self._functions = functions
        self._written_functions: set[int] = set()
        self._names: dict[str, int] = {}
        self._threads: dict[str, int] = {}
        self._encoded: dict[tuple[Any, ...], bytes] = {}
        self._sites: dict[tuple[str, int, int, int], bytes] = {}

    def header(self, content: bytes) -> bytes:
        """The file's beginning: magic, version and the block with the header."""
        return spool.MAGIC + bytes([spool.VERSION]) + block(content)

    def events(self, events: Sequence[tuple[Any, ...]], pause: Callable[[], None] | None = None) -> bytes:
        """One block with ``events`` in it and the names they need; calls ``pause`` now and then."""
        now = events[0][1]
        last = 0
        parts = [BASE, number(now)]
        encoded = self._encoded.get
        sites = self._sites.get
        near = NEAR.get
        for position, event in enumerate(events, start=1):
            if pause is not None and not position % PAUSE_EVERY:
                pause()
            kind = event[0]
            time = event[1]
            if kind == spool.ENTER:
                _, _, span, parent, function, calling, at, activation, thread, incoming, values = event
                site = sites((thread, function, id(calling), at))
                if site is None:
                    site = self._site(parts, thread, function, calling, at)
                flags = 0
                more: tuple[bytes, ...] = ()
                if values is not None:
                    flags = spool.ENTER_VALUES
                    shown = [encoded(value) or self._value(parts, value) for value in values]
                    more = (number(len(values)), *shown)
                parts += (
                    ENTER,
                    signed(time - now),
                    near(span - last) or signed(span - last),
                    number(span - parent if parent else 0),
                    site,
                )
                if activation or incoming:
                    parts += _flags_and_rarities(flags, activation, incoming)
                else:
                    parts.append(FLAGS[flags])
                parts += more
                last = span
            elif kind == spool.EXIT:
                _, _, span, outcome, value = event
                result = b"" if value is None else encoded(value) or self._value(parts, value)
                parts += (
                    EXIT,
                    signed(time - now),
                    near(span - last) or signed(span - last),
                    FLAGS[outcome if value is None else outcome | spool.EXIT_VALUE],
                    result,
                )
                last = span
            elif kind == spool.OUTGOING:
                _, _, span, link, key, detail = event
                link_number = number(spool.LINKS.index(link))
                parts += (OUTGOING, signed(time - now), signed(span - last))
                parts += (link_number, text(key), text(detail))
                last = span
            elif kind == spool.NOTICE:
                parts += (NOTICE, text(event[2]))
                continue
            else:
                parts += (CLOSE, signed(time - now))
            now = time
        return block(b"".join(parts))

    def _site(
        self, parts: list[bytes], thread: str, function: int, calling: CodeType | None, instruction: int
    ) -> bytes:
        """The numbers that stand for where a call happens: its thread, its function and the line it is
        called from."""
        if function not in self._written_functions:
            parts.append(self._function(parts, function))
        thread_number = self._threads.get(thread)
        if thread_number is None:
            thread_number = self._threads[thread] = len(self._threads)
            parts.append(THREAD + number(thread_number) + text(thread))
        line = 0 if calling is None else self._functions.line(calling, instruction)
        site = number(thread_number) + number(function) + number(line)
        if len(self._sites) >= KEPT_SITES:
            self._sites.clear()
        # By the code's identity: the function table keeps it alive, and hashing it would read all of it.
        self._sites[thread, function, id(calling), instruction] = site
        return site

    def _function(self, parts: list[bytes], index: int) -> bytes:
        function = self._functions.entries[index]
        self._written_functions.add(index)
        where = text(function.id) + text(function.file) + number(function.line)
        names = b"".join([self._name(parts, name) for name in function.arguments])
        return FUNCTION + number(index) + where + number(len(function.arguments)) + names

    def _name(self, parts: list[bytes], name: str) -> bytes:
        """The number of ``name``, which is written to ``parts`` first if this is the first time."""
        index = self._names.get(name)
        if index is None:
            index = self._names[name] = len(self._names)
            parts.append(NAME + number(index) + text(name))
        return number(index)

    def _value(self, parts: list[bytes], value: tuple[Any, ...]) -> bytes:
        """``value``, met for the first time, encoded; its type's name is written to ``parts`` first if need
        be."""
        kind, shown, size, masked = value
        flags = spool.VALUE_MASKED if masked else 0
        more = b""
        if shown:
            flags |= spool.VALUE_TEXT
            more = text(shown)
        if size is not None:
            flags |= spool.VALUE_SIZE
            more += number(size)
        if len(self._encoded) >= KEPT_VALUES:
            self._encoded.clear()
        found = self._encoded[value] = self._name(parts, kind) + number(flags) + more
        return found

    def rest(self) -> None:
        """Forget what is kept, encoded, for the next time it is met."""
        self._encoded.clear()
        self._sites.clear()


def _flags_and_rarities(flags: int, activation: int, incoming: str) -> tuple[bytes, ...]:
    """An entry's flags, and what few entries have."""
    more: tuple[bytes, ...] = ()
    if activation:
        flags |= spool.ENTER_ACTIVATION
        more += (number(activation),)
    if incoming:
        flags |= spool.ENTER_INCOMING
        more += (text(incoming),)
    return FLAGS[flags], *more


def block(content: bytes) -> bytes:
    """``content`` as a block: compressed where that helps, with its length and checksum before it."""
    how = spool.PLAIN
    if len(content) >= COMPRESS_FROM:
        packed = zlib.compress(content, 1)
        if len(packed) < len(content):
            content, how = packed, spool.DEFLATED
    body = bytes([how]) + content
    return spool.BLOCK_HEAD.pack(spool.MARK, len(body), zlib.crc32(body)) + body
