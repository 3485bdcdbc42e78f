"""Which code is recorded, and the table of functions that were met."""

from __future__ import annotations

import os
import sys
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, CO_VARARGS, CO_VARKEYWORDS
from types import CodeType

from .locks import RLock
from .settings import LEAVES, Settings

RESUMABLE = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR
"""Flags of code that can yield and go on."""


class FunctionEntry:
    """One function as the recorder knows it: its number, its identity and the names of its arguments."""

    __slots__ = (
        "arguments",
        "code",
        "file",
        "id",
        "leaf",
        "line",
        "lines",
        "name",
        "number",
        "resumable",
        "secret_arguments",
        "secret_result",
    )

    def __init__(self, number: int, module: str, code: CodeType) -> None:
        self.number = number
        self.code = code
        self.id = f"{module}:{code.co_qualname}"
        self.name = code.co_name
        self.resumable = bool(code.co_flags & RESUMABLE)
        self.leaf = module in LEAVES
        self.file = relative_file(code.co_filename)
        self.line = code.co_firstlineno
        count = code.co_argcount + code.co_kwonlyargcount
        count += bool(code.co_flags & CO_VARARGS) + bool(code.co_flags & CO_VARKEYWORDS)
        names = code.co_varnames[:count]
        self.arguments = tuple(name for name in names if name not in ("self", "cls"))
        self.lines: list[int] | None = None
        """By instruction; made when a line is first asked for."""
        self.secret_arguments: frozenset[str] | None = None
        """Those whose values are withheld, once somebody has looked."""
        self.secret_result: bool | None = None
        """Whether what it returns is withheld, once somebody has looked."""


class FunctionTable:
    """All functions that this process is to record, found by the identity of their code.

    Code objects are looked up by ``id`` because hashing one reads all of its bytecode; an entry keeps its
    code alive, so an
    id is never reused.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = RLock()
        self.entries: list[FunctionEntry] = []
        self.by_code: dict[int, FunctionEntry] = {}

    def line(self, code: CodeType, instruction: int) -> int:
        """The source line of the instruction at a byte offset of a chosen function's code; 0 where it has
        none."""
        entry = self.by_code[id(code)]
        if entry.lines is None:
            entry.lines = _lines(code)
        return entry.lines[instruction // 2] if 0 <= instruction // 2 < len(entry.lines) else 0

    def classify(self, code: CodeType, module: object) -> FunctionEntry | None:
        """The entry for ``code`` running with ``module`` as its globals' ``__name__``, or None if it is
        not chosen."""
        if type(module) is not str:
            return None
        if not self._settings.chooses(module) and not self._settings.chooses_file(code.co_filename):
            return None
        return self.add(code, module)

    def add(self, code: CodeType, module: str) -> FunctionEntry:
        """Choose ``code`` itself, wherever it comes from."""
        with self._lock:
            known = self.by_code.get(id(code))
            if known is None:
                known = FunctionEntry(len(self.entries), module, code)
                self.entries.append(known)
                self.by_code[id(code)] = known
            return known


def _lines(code: CodeType) -> list[int]:
    lines: list[int] = []
    for start, end, line in code.co_lines():
        lines += [line or 0] * (end // 2 - start // 2)
    return lines


_roots: dict[str, str] = {}


def relative_file(filename: str) -> str:
    """``filename`` relative to the source root it was imported from; empty for code that has no file."""
    if filename.startswith("<"):
        return ""
    folder, _, _ = filename.rpartition("/")
    root = _roots.get(folder)
    if root is None:
        root = _roots[folder] = _source_root(folder)
    return filename[len(root) + 1 :] if root else filename


def _source_root(folder: str) -> str:
    best = ""
    for entry in sys.path:
        root = os.path.abspath(entry).rstrip("/")  # noqa: PTH100 - pathlib is not loaded in services for this
        if len(root) > len(best) and (folder == root or folder.startswith(root + "/")):
            best = root
    return best
