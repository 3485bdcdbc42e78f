"""Turning what a tape gives into what a spool's blocks hold."""

from __future__ import annotations

from types import CodeType

from . import format as spool
from .format import number, record, text
from .functions import FunctionTable
from .tape import Piece, Site


class Encoder:
    """Encodes what one spool's blocks hold and keeps track of which names it has already written."""

    def __init__(self, functions: FunctionTable) -> None:
        self._functions = functions
        self._written_functions: set[int] = set()
        self._sites = 0
        self._threads = 0
        self._names: dict[str, int] = {}
        self._types = 0

    def content(self, piece: Piece) -> bytes:
        """A block's content with what a tape gave: the new names first."""
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
        return b"".join(parts)

    def notice(self, time: int, said: str) -> bytes:
        """Content that says only that something is missing."""
        return self.content((record(spool.NOTICE) + text(said), time, 1, 1, 1, (), (), ()))

    def end(self, time: int) -> bytes:
        """Content that says only that the process ended its record in order."""
        return self.content((record(spool.CLOSE), time, 1, 1, 1, (), (), ()))

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
