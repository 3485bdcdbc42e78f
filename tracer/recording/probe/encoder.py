"""Turning events into spool records and blocks; the events' shapes are in `tracing`."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Any

from . import format as spool
from .format import put_number, put_signed, put_text
from .functions import FunctionTable

COMPRESS_FROM = 256
"""Bodies shorter than this many bytes are stored as they are."""


class Encoder:
    """Encodes one spool's records and keeps track of which names it has already written."""

    def __init__(self, functions: FunctionTable) -> None:
        self._functions = functions
        self._written_functions: set[int] = set()
        self._names: dict[str, int] = {}
        self._threads: dict[str, int] = {}

    def header(self, content: bytes) -> bytes:
        """The file's beginning: magic, version and the block with the header."""
        return spool.MAGIC + bytes([spool.VERSION]) + block(content)

    def events(self, events: Sequence[tuple[Any, ...]]) -> bytes:
        """One block with ``events`` in it and the names they need."""
        out = bytearray([spool.BASE])
        now = events[0][1]
        put_number(out, now)
        last = 0
        body = bytearray()
        for event in events:
            kind = event[0]
            time = event[1]
            if kind == spool.ENTER:
                _, _, span, parent, function, line, activation, thread, incoming, values = event
                if function not in self._written_functions:
                    self._put_function(body, function)
                thread_number = self._number_of(body, self._threads, spool.THREAD, thread)
                named = None if values is None else self._named(body, values)
                body.append(spool.ENTER)
                put_signed(body, time - now)
                put_signed(body, span - last)
                put_number(body, span - parent if parent else 0)
                put_number(body, thread_number)
                put_number(body, function)
                put_number(body, line)
                flags = spool.ENTER_ACTIVATION if activation else 0
                if incoming:
                    flags |= spool.ENTER_INCOMING
                if named is not None:
                    flags |= spool.ENTER_VALUES
                body.append(flags)
                if activation:
                    put_number(body, activation)
                if incoming:
                    put_text(body, incoming)
                if named is not None:
                    put_number(body, len(named))
                    for name, type_number, value in named:
                        put_number(body, name)
                        _put_value(body, type_number, value)
                now = time
                last = span
            elif kind == spool.EXIT:
                _, _, span, outcome, value = event
                if value is None:
                    body.append(spool.EXIT)
                    put_signed(body, time - now)
                    put_signed(body, span - last)
                    body.append(outcome)
                else:
                    type_number = self._number_of(body, self._names, spool.NAME, value[0])
                    body.append(spool.EXIT)
                    put_signed(body, time - now)
                    put_signed(body, span - last)
                    body.append(outcome | spool.EXIT_VALUE)
                    _put_value(body, type_number, value)
                now = time
                last = span
            elif kind == spool.OUTGOING:
                _, _, span, link, key, detail = event
                body.append(spool.OUTGOING)
                put_signed(body, time - now)
                put_signed(body, span - last)
                body.append(spool.LINKS.index(link))
                put_text(body, key)
                put_text(body, detail)
                now = time
                last = span
            elif kind == spool.NOTICE:
                body.append(spool.NOTICE)
                put_text(body, event[2])
            else:
                body.append(spool.CLOSE)
                put_signed(body, time - now)
                now = time
        return block(bytes(out + body))

    def _put_function(self, out: bytearray, number: int) -> None:
        function = self._functions.entries[number]
        out.append(spool.FUNCTION)
        put_number(out, number)
        put_text(out, function.id)
        put_text(out, function.file)
        put_number(out, function.line)
        self._written_functions.add(number)

    @staticmethod
    def _number_of(out: bytearray, table: dict[str, int], opcode: int, text: str) -> int:
        number = table.get(text)
        if number is None:
            number = table[text] = len(table)
            out.append(opcode)
            put_number(out, number)
            put_text(out, text)
        return number

    def _named(
        self, out: bytearray, values: Sequence[tuple[Any, ...]]
    ) -> list[tuple[int, int, tuple[Any, ...]]]:
        return [
            (
                self._number_of(out, self._names, spool.NAME, name),
                self._number_of(out, self._names, spool.NAME, value[0]),
                value,
            )
            for name, value in values
        ]


def _put_value(out: bytearray, type_number: int, value: tuple[Any, ...]) -> None:
    _, text, size, masked = value
    put_number(out, type_number)
    flags = spool.VALUE_MASKED if masked else 0
    if text:
        flags |= spool.VALUE_TEXT
    if size is not None:
        flags |= spool.VALUE_SIZE
    out.append(flags)
    if text:
        put_text(out, text)
    if size is not None:
        put_number(out, size)


def block(content: bytes) -> bytes:
    """``content`` as a block: compressed where that helps, with its length and checksum before it."""
    how = spool.PLAIN
    if len(content) >= COMPRESS_FROM:
        packed = zlib.compress(content, 1)
        if len(packed) < len(content):
            content, how = packed, spool.DEFLATED
    body = bytes([how]) + content
    return spool.BLOCK_HEAD.pack(spool.MARK, len(body), zlib.crc32(body)) + body
