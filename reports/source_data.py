"""The source of the functions on the path: where each one ends, and its lines with their highlighting."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pygments.lexer import Lexer
from pygments.lexers.python import PythonLexer
from pygments.token import (
    Comment,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    String,
    _TokenType,
)

from reports.scripts import write_data
from reports.visible_text import MORE, shortened, visible
from tracer.model.function import Function
from tracer.model.recording_folder import Recording

LONGEST_LINE = 2_000
_DEEPEST = ord("~") - ord("0")
"""Spaces that one printable character can stand for."""
_Ends = dict[tuple[int, str], int]
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_NAMELESS: Mapping[type[ast.AST], str] = {
    ast.Lambda: "<lambda>",
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}
_RUN = re.compile(r"([a-z.])(\d+)")

_CLASSES: Sequence[tuple[_TokenType, str]] = (
    (Comment, "c"),
    (String.Doc, "c"),
    (String, "s"),
    (Number, "m"),
    (Literal, "m"),
    (Operator.Word, "k"),
    (Keyword, "k"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Decorator, "d"),
    (Name.Builtin, "b"),
    (Name.Exception, "b"),
    (Name.Tag, "k"),
    (Name.Attribute, "d"),
)


@dataclass(frozen=True)
class Extent:
    """First and last line of a function, 1-based, decorators included."""

    start: int
    end: int


@dataclass(frozen=True)
class HighlightedLine:
    """A line's text, and its highlighting as class letters with lengths: ``k3.1f4`` (``.`` is plain)."""

    text: str
    runs: str


@dataclass(frozen=True)
class Sources:
    """Sources that were written.

    Args:
        files: the source files, by number.
        extents: where each function stands; None where its source is not held.
        folder: where a page finds the scripts, relative to the page.
    """

    files: Sequence[str]
    extents: Sequence[Extent | None]
    folder: str = "data"

    def places(self, functions: Iterable[Function]) -> Iterator[tuple[Function, int, int]]:
        """Functions with the number of the file that holds their source and their last line there.

        Args:
            functions: those that were written, in the same order, or the first of them.

        Yields:
            -1 and 0 where the source is not held.
        """
        numbers = {file: number for number, file in enumerate(self.files)}
        for function, extent in zip(functions, self.extents, strict=False):
            yield (function, numbers[function.file], extent.end) if extent else (function, -1, 0)


class SourceFile:
    """One source file of a recording.

    Args:
        text: what the file holds.
        more: says of a long line that ``{n}`` characters follow.
    """

    def __init__(self, text: str, more: str = MORE) -> None:
        self._more = more
        self.lines = visible(text).split("\n")
        self._text = text

    def extent(self, function: Function) -> Extent | None:
        """Where ``function`` stands, or None when this file has no such line (it is another version).

        A function that is not found at its line (source that does not parse) ends where the indentation does.
        """
        if not 1 <= function.line <= len(self.lines):
            return None
        if function.qualname == "<module>":
            return Extent(1, len(self.lines))
        name = function.qualname.rpartition(".")[2]
        ends = self._expressions if name in _NAMELESS.values() else self._definitions
        end = ends.get((function.line, name))
        return Extent(function.line, end or self._end_of_indentation(function.line))

    def blocks(self, extents: Iterable[Extent]) -> list[list[object]]:
        """The lines of ``extents``, each line once: first line number, texts, highlighting, by block.

        A text that is not empty begins with one character for its indentation: "0" for none, and so on.
        """
        result: list[list[object]] = []
        for extent in _merged(extents):
            block = highlighted(
                "\n".join(self.lines[extent.start - 1 : extent.end]), PythonLexer(), self._more
            )
            result.append(
                [
                    extent.start,
                    "\n".join(_packed(line.text) for line in block),
                    "\n".join(line.runs for line in block),
                ]
            )
        return result

    @cached_property
    def _module(self) -> ast.Module:
        try:
            return ast.parse(self._text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ast.Module([], [])

    @cached_property
    def _definitions(self) -> _Ends:
        return _ends_of_definitions(self._module)

    @cached_property
    def _expressions(self) -> _Ends:
        return _ends_of_expressions(self._module)

    def _end_of_indentation(self, line: int) -> int:
        first = self.lines[line - 1]
        depth = len(first) - len(first.lstrip())
        end = line
        for number in range(line + 1, len(self.lines) + 1):
            text = self.lines[number - 1]
            if not text.strip():
                continue
            if len(text) - len(text.lstrip()) <= depth and not text.lstrip().startswith(
                (")", "def ", "async ", "@")
            ):
                break
            end = number
        return end


def highlighted(text: str, lexer: Lexer, more: str = MORE) -> list[HighlightedLine]:
    """``text`` by lines with the token classes that the page knows; ``more`` counts what long lines lack."""
    lexer.stripnl = lexer.stripall = lexer.ensurenl = False
    lines: list[HighlightedLine] = []
    parts: list[str] = []
    runs: list[tuple[str, int]] = []
    for token, value in lexer.get_tokens(text):
        name = _class(token) if value.strip() else "."
        for number, piece in enumerate(value.split("\n")):
            if number:
                lines.append(_line(parts, runs, more))
                parts, runs = [], []
            if piece:
                parts.append(piece)
                if runs and runs[-1][0] == name:
                    runs[-1] = (name, runs[-1][1] + len(piece))
                else:
                    runs.append((name, len(piece)))
    lines.append(_line(parts, runs, more))
    return lines


def pieces(line: HighlightedLine) -> list[tuple[str, str]]:
    """The pieces of a highlighted line, each with its class letter."""
    result, start = [], 0
    for name, length in _RUN.findall(line.runs):
        result.append((name, line.text[start : start + int(length)]))
        start += int(length)
    return [*result, (".", line.text[start:])]


def write_sources(
    recording: Recording,
    folder: Path,
    advance: Callable[[float], None],
    functions: Sequence[Function] | None = None,
    more: str = MORE,
) -> Sources:
    """Write the source of functions, a script per source file.

    Args:
        recording: whose sources.
        folder: where the scripts go: the folder ``data`` of the page.
        advance: is told the number of functions done.
        functions: which; None for those that ran in ``recording``.
        more: says of a long line that ``{n}`` characters follow.

    Returns:
        What was written, its extents in the order of the functions.
    """
    functions = recording.tree.functions if functions is None else functions
    by_file: dict[str, list[int]] = {}
    for number, function in enumerate(functions):
        if function.file:
            by_file.setdefault(function.file, []).append(number)
    extents: list[Extent | None] = [None] * len(functions)
    files: list[str] = []
    for file in sorted(by_file):
        text = recording.source(file)
        if text is not None:
            source = SourceFile(text, more)
            for number in by_file[file]:
                extents[number] = source.extent(functions[number])
            found = [extent for number in by_file[file] if (extent := extents[number]) is not None]
            if found:
                write_data(folder / f"source-{len(files)}.js", "source", len(files), source.blocks(found))
                files.append(file)
        advance(len(by_file[file]))
    return Sources(files, extents)


def _packed(text: str) -> str:
    if not text:
        return text
    indentation = min(len(text) - len(text.lstrip(" ")), _DEEPEST)
    return chr(ord("0") + indentation) + text[indentation:]


def _line(parts: Sequence[str], runs: list[tuple[str, int]], more: str) -> HighlightedLine:
    text = "".join(parts)
    if len(text) > LONGEST_LINE:
        return HighlightedLine(shortened(text, LONGEST_LINE, more), "")
    while runs and runs[-1][0] == ".":
        runs.pop()
    return HighlightedLine(text, "".join(f"{name}{length}" for name, length in runs))


_known_classes: dict[_TokenType, str] = {}


def _class(token: _TokenType) -> str:
    name = _known_classes.get(token)
    if name is None:
        name = next((letter for kind, letter in _CLASSES if token[: len(kind)] == kind), ".")
        _known_classes[token] = name
    return name


def _ends_of_definitions(module: ast.Module) -> _Ends:
    """Last line of each ``def`` and ``class`` by first line (its first decorator) and name."""
    ends: _Ends = {}
    blocks: list[Sequence[ast.AST]] = [module.body]
    while blocks:
        for node in blocks.pop():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                line = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                ends[line, node.name] = node.end_lineno or line
            blocks += [block for part in _BLOCKS if (block := getattr(node, part, None))]
    return ends


def _ends_of_expressions(module: ast.Module) -> _Ends:
    """Last line of each lambda, comprehension and generator expression by first line and name."""
    ends: _Ends = {}
    for node in ast.walk(module):
        name = _NAMELESS.get(type(node))
        if name is not None and isinstance(node, ast.expr):
            key = (node.lineno, name)
            ends[key] = max(ends.get(key, 0), node.end_lineno or node.lineno)
    return ends


def _merged(extents: Iterable[Extent]) -> list[Extent]:
    result: list[Extent] = []
    for extent in sorted(extents, key=lambda one: (one.start, one.end)):
        if result and extent.start <= result[-1].end + 1:
            result[-1] = Extent(result[-1].start, max(result[-1].end, extent.end))
        else:
            result.append(extent)
    return result
