"""Constants to facts: strings, also formatted ones, and numbers."""

from __future__ import annotations

import ast

import libcst as cst

from tracer.reading.lowering.facts import (
    FORMAT,
    LITERAL,
    STR,
    Code,
)
from tracer.reading.lowering.lines import NameLines
from tracer.reading.lowering.scope import Scope

_MAX_STRING = 4000
_LARGEST_INDEX = 9


def string_value(node: cst.BaseExpression) -> str | None:
    """The value of a string literal, or None (bytes, formatted strings, anything else)."""
    if isinstance(node, cst.SimpleString):
        text = node.value
        if "b" in text[:2].lower().split("'")[0].split('"')[0]:
            return None
        if "\\" not in text and text[0] in "'\"":
            return text[3:-3] if text[:3] in ("'''", '"""') and len(text) > 5 else text[1:-1]
        try:
            value = ast.literal_eval(text)
        except (SyntaxError, ValueError):
            return None
        # A lone surrogate cannot be written to a file; its escape can, and is as good as a name of nothing.
        return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else None
    if isinstance(node, cst.ConcatenatedString):
        left, right = string_value(node.left), string_value(node.right)
        return left + right if left is not None and right is not None else None
    return None


class Literals:
    """The part of the walk that deals with constants; what it shares with the other parts stands here."""

    lines: NameLines
    codes: list[Code]
    scope: Scope

    def nested_code(
        self, name: str, kind: str, line: int, parameters: cst.Parameters | None, local_names: set[str]
    ) -> tuple[Scope, int, tuple[tuple[str, int], ...]]:
        """Open a nested scope; returns it, its code's index and the variables of defaults by parameter
        name."""
        raise NotImplementedError

    def value(self, node: cst.BaseExpression) -> int:
        """The variable that holds the value of ``node``; provided by the part that knows all expressions."""
        raise NotImplementedError

    def text(self, value: str) -> int:
        """A variable that holds the string ``value``."""
        dst = self.scope.new()
        if len(value) <= _MAX_STRING:
            self.scope.emit(STR, dst, value)
            self.scope.constants[dst] = value
        else:
            self.scope.emit(LITERAL, dst, "str")
        return dst

    def literal(self, type_name: str) -> int:
        """A variable that holds a plain value of a builtin type."""
        dst = self.scope.new()
        self.scope.emit(LITERAL, dst, type_name)
        return dst

    def _string(self, node: cst.SimpleString | cst.ConcatenatedString) -> int:
        value = string_value(node)
        if value is not None:
            return self.text(value)
        if isinstance(node, cst.ConcatenatedString):
            parts: list[str | int] = []
            self._string_parts(node, parts)
            dst = self.scope.new()
            self.scope.emit(FORMAT, dst, tuple(parts))
            return dst
        return self.literal("bytes")

    def _string_parts(self, node: cst.BaseExpression, parts: list[str | int]) -> None:
        if isinstance(node, cst.ConcatenatedString):
            self._string_parts(node.left, parts)
            self._string_parts(node.right, parts)
        elif isinstance(node, cst.FormattedString):
            for part in node.parts:
                if isinstance(part, cst.FormattedStringText):
                    parts.append(part.value)
                elif isinstance(part, cst.FormattedStringExpression):
                    parts.append(self.value(part.expression))
        else:
            parts.append(string_value(node) or "")

    def _formatted(self, node: cst.FormattedString) -> int:
        parts: list[str | int] = []
        self._string_parts(node, parts)
        dst = self.scope.new()
        self.scope.emit(FORMAT, dst, tuple(parts))
        return dst

    def _integer(self, node: cst.Integer) -> int:
        try:
            return self.number(int(node.value, 0))
        except ValueError:
            return self.literal("int")

    def number(self, value: int) -> int:
        """A variable that holds the integer ``value``; only those that index short sequences are told
        apart."""
        dst = self.scope.new()
        if abs(value) <= _LARGEST_INDEX:
            self.scope.emit(STR, dst, value)
        else:
            self.scope.emit(LITERAL, dst, "int")
        self.scope.constants[dst] = value
        return dst

    def _float(self, node: cst.BaseExpression) -> int:
        return self.literal("float")
