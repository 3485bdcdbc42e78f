"""Strings that are put together: what is known of them, and what formatting asks of their parts."""

from __future__ import annotations

import string
from itertools import product
from typing import Any

from tracer.reading.flow.builtin_functions import Builtins
from tracer.reading.flow.objects import Call, Container, Text
from tracer.reading.flow.scopes import Instance

_MAX_TEXTS = 64


class Formatting(Builtins):
    """Formatted strings, however they are written."""

    def __init__(self) -> None:
        super().__init__()
        self.unformatted: list[tuple[int, tuple[str | int, ...]]] = []

    def at(
        self, inst: Instance, number: int, line: int, dst: int, kind: str = "call", rule: str = "flow"
    ) -> Call:
        """A call that operation ``number`` may turn out to make."""
        code = inst.code
        found = code.sites.get(number)
        return Call(inst, found or self.site(code, number, line), number, (), dst, 0, kind, rule)

    def _append_unknown(self, suffix: str, left: int, dst: int) -> None:
        self.unformatted.append((dst, (left, suffix)))

    def _text_operation(self, value: str, name: str, other: int, dst: int) -> None:
        if name == "mod":
            self.watch(other, self._percent, value, dst)
            pieces = value.split("%s")
            if len(pieces) == 2 and "%" not in pieces[0] + pieces[1]:
                self.format_parts(dst, (pieces[0], other, pieces[1]))
            else:
                self.add(dst, self.plain("str").id)
        else:
            self.format_parts(dst, (value, other))

    def _percent(self, numbers: list[int], template: str, dst: int) -> None:
        for number in numbers:
            value = self.objects[number]
            pieces = template.split("%s")
            if isinstance(value, Container) and value.kind == "tuple" and value.length == len(pieces) - 1:
                parts: list[str | int] = [pieces[0]]
                for position, piece in enumerate(pieces[1:]):
                    parts += [self.field(value, position), piece]
                self.format_parts(dst, tuple(parts))

    def format_text(self, template: str, call: Call) -> None:
        """``template.format(...)`` with plain ``{}`` places."""
        pieces = template.split("{}")
        args = [var for keyword, var in call.args if keyword is None]
        whole, attributes = _fields_of(template)
        for place, (keyword, var) in enumerate(call.args):
            names = (keyword, str(place)) if keyword is None else (keyword,)
            for name, attribute in attributes:
                if name in names:
                    found = self.new_var()
                    self.watch(var, self.on_load, attribute, found, call.with_args((), found))
                    self.converted.append((found, ("__format__", "__str__", "__repr__"), -1, call))
            if whole or not any(name in names for name, _ in attributes):
                self.converted.append((var, ("__format__", "__str__", "__repr__"), -1, call))
        if len(pieces) == len(args) + 1 and not any("{" in piece for piece in pieces):
            parts: list[str | int] = [pieces[0]]
            for var, piece in zip(args, pieces[1:], strict=True):
                parts += [var, piece]
            self.format_parts(call.dst, tuple(parts))
        else:
            self.add(call.dst, self.plain("str").id)

    def _op_format(self, inst: Instance, base: int, number: int, fact: Any) -> None:
        _, dst, parts = fact
        absolute = tuple(part if isinstance(part, str) else base + part for part in parts)
        self.format_parts(base + dst, absolute)
        for part in absolute:
            if isinstance(part, int):
                call = self.at(inst, number, inst.code.code.line, self.nowhere)
                self.converted.append((part, ("__format__", "__str__", "__repr__"), -1, call))

    def format_parts(self, dst: int, parts: tuple[str | int, ...]) -> None:
        """``dst`` receives the strings that ``parts`` (texts and variables) make."""
        self.unformatted.append((dst, parts))
        for part in parts:
            if isinstance(part, int):
                self.watch(part, self._combine, dst, parts)
        if not any(isinstance(part, int) for part in parts):
            self._combine([], dst, parts)

    def _combine(self, numbers: list[int], dst: int, parts: tuple[str | int, ...]) -> None:
        choices: list[list[str]] = []
        for part in parts:
            if isinstance(part, str):
                choices.append([part])
            else:
                choices.append([value.value for value in self.held(part) if isinstance(value, Text)])
        total = 1
        for choice in choices:
            total *= len(choice)
        if 0 < total <= _MAX_TEXTS:
            for combination in product(*choices):
                self.add(dst, self.text("".join(combination)).id)


def _fields_of(template: str) -> tuple[bool, set[tuple[str, str]]]:
    """Whether some place of a format string has no name, and which attributes of named arguments it reads."""
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(template) if field is not None]
    except ValueError:
        return True, set()
    dotted = {
        (first, rest.partition(".")[0]) for first, _, rest in (field.partition(".") for field in fields)
    }
    return not all(rest for _, rest in dotted), {(first, rest) for first, rest in dotted if rest}
