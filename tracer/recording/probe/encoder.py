"""Turning what a tape gives into a spool's blocks."""

from __future__ import annotations

import zlib
from types import CodeType

from . import format as spool
from .format import number, record, text
from .functions import FunctionTable
from .tape import Piece, Site

COMPRESS_FROM = 256
"""Bodies shorter than this many bytes are stored as they are."""

PACK_WINDOW = 14
PACK_MEMORY = 7


class Encoder:
    """Encodes one spool's blocks and keeps track of which names it has already written."""

    def __init__(self, functions: FunctionTable) -> None:
        self._functions = functions
        self._written_functions: set[int] = set()
        self._sites = 0
        self._threads = 0
        self._names: dict[str, int] = {}
        self._types = 0

    def header(self, content: bytes) -> bytes:
        """The file's beginning: magic, version and the block with the header."""
        return spool.MAGIC + bytes([spool.VERSION]) + block(content)

    def block(self, piece: Piece) -> bytes:
        """One block with what a tape gave: the new names first."""
        content, time, duration, units, span, sites, threads, types = piece
        parts = [record(spool.BASE), number(time), number(duration), number(units), number(span)]
        for thread in threads:
            parts += (record(spool.THREAD), number(self._threads), text(thread))
            self._threads += 1
        for name in types:
            parts += (record(spool.TYPE), number(self._types), text(name))
            self._types += 1
        for site in sites:
            self._site(parts, site)
        parts.append(content)
        return block(b"".join(parts))

    def notice(self, time: int, said: str) -> bytes:
        """A block that says only that something is missing."""
        return self.block((record(spool.NOTICE) + text(said), time, 1, 1, 1, (), (), ()))

    def end(self, time: int) -> bytes:
        """A block that says only that the process ended its record in order."""
        return self.block((record(spool.CLOSE), time, 1, 1, 1, (), (), ()))

    def _site(self, parts: list[bytes], site: Site) -> None:
        code, calling, instruction = site
        entry = self._functions.by_code[id(code)]
        if entry.number not in self._written_functions:
            self._function(parts, entry.number)
        line = self._line(calling, instruction)
        parts += (record(spool.SITE), number(self._sites), number(entry.number), number(line))
        self._sites += 1

    def _line(self, calling: CodeType | None, instruction: int) -> int:
        return 0 if calling is None else self._functions.line(calling, instruction)

    def _function(self, parts: list[bytes], index: int) -> None:
        function = self._functions.entries[index]
        self._written_functions.add(index)
        names = []
        for name in function.arguments:
            argument = self._names.get(name)
            if argument is None:
                argument = self._names[name] = len(self._names)
                parts += (record(spool.NAME), number(argument), text(name))
            names.append(number(argument))
        parts += (record(spool.FUNCTION), number(index), text(function.id), text(function.file))
        parts += (number(function.line), number(len(names)), *names)


def block(content: bytes) -> bytes:
    """``content`` as a block: compressed where that helps, with its length and checksum before it."""
    how = spool.PLAIN
    if len(content) >= COMPRESS_FROM:
        # With less memory than by default, whose providing would take longer than the packing.
        packing = zlib.compressobj(1, zlib.DEFLATED, PACK_WINDOW, PACK_MEMORY)
        packed = packing.compress(content) + packing.flush()
        if len(packed) < len(content):
            content, how = packed, spool.DEFLATED
    body = bytes([how]) + content
    return spool.BLOCK_HEAD.pack(spool.MARK, len(body), zlib.crc32(body)) + body
