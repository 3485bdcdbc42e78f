"""Turning events into spool records and blocks; the events' shapes are in `tracing`."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
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

PAUSE_EVERY = 64
"""Events."""

KEPT_VALUES = 20_000
"""Encoded values kept for the next time they are met."""

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

    def header(self, content: bytes) -> bytes:
        """The file's beginning: magic, version and the block with the header."""
        return spool.MAGIC + bytes([spool.VERSION]) + block(content)

    def events(self, events: Sequence[tuple[Any, ...]], pause: Callable[[], None] | None = None) -> bytes:
        """One block with ``events`` in it and the names they need; calls ``pause`` now and then."""
        now = events[0][1]
        last = 0
        parts = [BASE, number(now)]
        add = parts.append
        for position, event in enumerate(events, start=1):
            if pause is not None and not position % PAUSE_EVERY:
                pause()
            kind = event[0]
            time = event[1]
            if kind == spool.ENTER:
                _, _, span, parent, function, calling, at, activation, thread, incoming, values = event
                if function not in self._written_functions:
                    add(self._function(parts, function))
                thread_number = self._threads.get(thread)
                if thread_number is None:
                    thread_number = self._threads[thread] = len(self._threads)
                    add(THREAD + number(thread_number) + text(thread))
                flags = 0
                more = b""
                if activation:
                    flags = spool.ENTER_ACTIVATION
                    more = number(activation)
                if incoming:
                    flags |= spool.ENTER_INCOMING
                    more += text(incoming)
                if values is not None:
                    flags |= spool.ENTER_VALUES
                    more += number(len(values)) + b"".join([self._value(parts, value) for value in values])
                add(
                    ENTER
                    + signed(time - now)
                    + signed(span - last)
                    + number(span - parent if parent else 0)
                    + number(thread_number)
                    + number(function)
                    + number(self._functions.line(calling, at) if parent else 0)
                    + number(flags)
                    + more
                )
                last = span
            elif kind == spool.EXIT:
                _, _, span, outcome, value = event
                if value is None:
                    ending = number(outcome)
                else:
                    ending = number(outcome | spool.EXIT_VALUE) + self._value(parts, value)
                add(EXIT + signed(time - now) + signed(span - last) + ending)
                last = span
            elif kind == spool.OUTGOING:
                _, _, span, link, key, detail = event
                link_number = number(spool.LINKS.index(link))
                add(
                    OUTGOING
                    + signed(time - now)
                    + signed(span - last)
                    + link_number
                    + text(key)
                    + text(detail)
                )
                last = span
            elif kind == spool.NOTICE:
                add(NOTICE + text(event[2]))
                continue
            else:
                add(CLOSE + signed(time - now))
            now = time
        return block(b"".join(parts))

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
        known = self._encoded.get(value)
        if known is None:
            kind, shown, size, masked = value
            flags = spool.VALUE_MASKED if masked else 0
            more = b""
            if shown:
                flags |= spool.VALUE_TEXT
                more = text(shown)
            if size is not None:
                flags |= spool.VALUE_SIZE
                more += number(size)
            known = self._name(parts, kind) + number(flags) + more
            self._keep(value, known)
        return known

    def rest(self) -> None:
        """Forget the encoded values kept for the next time."""
        self._encoded.clear()

    def _keep(self, value: tuple[Any, ...], encoded: bytes) -> None:
        if len(self._encoded) >= KEPT_VALUES:
            self._encoded.clear()
        self._encoded[value] = encoded


def block(content: bytes) -> bytes:
    """``content`` as a block: compressed where that helps, with its length and checksum before it."""
    how = spool.PLAIN
    if len(content) >= COMPRESS_FROM:
        packed = zlib.compress(content, 1)
        if len(packed) < len(content):
            content, how = packed, spool.DEFLATED
    body = bytes([how]) + content
    return spool.BLOCK_HEAD.pack(spool.MARK, len(body), zlib.crc32(body)) + body
