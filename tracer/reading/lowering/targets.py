"""What assignments bind: names, attributes, items, and sequences of those."""

from __future__ import annotations

from typing import Any

import libcst as cst

from tracer.reading.lowering.checks import Checks
from tracer.reading.lowering.facts import (
    REPLACE,
    SETATTR,
    SETINDEX,
    UNPACK,
)
from tracer.reading.lowering.literals import string_value


class Targets(Checks):
    """The part of the walk that deals with targets of assignments."""

    def key_of(self, node: cst.BaseExpression) -> tuple[str | int | None, int]:
        """A subscript's key: its constant value if known here, and its variable."""
        var = self.value(node)
        return self.scope.constants.get(var), var

    def subscript_key(self, node: cst.Subscript) -> tuple[Any, int, bool]:
        """Key constant (of a slice: its constant bounds), key variable, and whether the subscript is a
        slice."""
        if len(node.slice) == 1:
            element = node.slice[0].slice
            if isinstance(element, cst.Index):
                key, var = self.key_of(element.value)
                return key, var, False
        bounds: list[int | str | None] = []
        for part in node.slice:
            if isinstance(part.slice, cst.Index):
                self.value(part.slice.value)
            elif isinstance(part.slice, cst.Slice):
                bounds += [
                    self.scope.constants.get(self.value(bound), "?") if bound is not None else None
                    for bound in (part.slice.lower, part.slice.upper, part.slice.step)
                ]
        return tuple(bounds), -1, len(node.slice) == 1

    def bind_target(self, target: cst.BaseExpression, var: int) -> None:
        """Assign ``var`` to a name, attribute, subscript or (nested) sequence of targets."""
        scope = self.scope
        if isinstance(target, cst.Name):
            self.lines.pass_name(target.value)
            scope.bind(target.value, var)
        elif isinstance(target, cst.Attribute):
            base = self.value(target.value)
            self.lines.pass_name(target.attr.value)
            scope.emit(SETATTR, base, scope.mangled(target.attr.value), var, self.lines.line())
        elif isinstance(target, cst.Subscript):
            base = self.value(target.value)
            line = self.lines.line()
            key, key_var, is_slice = self.subscript_key(target)
            if not is_slice and key is not None and self._replace(target.value, base, key, var):
                return
            if is_slice:
                key = None
            scope.emit(SETINDEX, base, key, key_var, var, line)
        elif isinstance(target, cst.Tuple | cst.List):
            after = False
            count = len(target.elements)
            for position, element in enumerate(target.elements):
                part = scope.new()
                if isinstance(element, cst.StarredElement):
                    after = True
                    scope.emit(UNPACK, part, var, (position, count - position - 1))
                else:
                    scope.emit(UNPACK, part, var, position - count if after else position)
                self.bind_target(element.value, part)
        elif isinstance(target, cst.StarredElement):
            self.bind_target(target.value, var)

    def _replace(self, holder: cst.BaseExpression, base: int, key: str | int, var: int) -> bool:
        """``holder[key] = var`` where the container was made here and nobody else has it: what was there
        is gone.

        Returns:
            False where that is not certain.
        """
        scope = self.scope
        if isinstance(holder, cst.Name):
            if scope.env.get(holder.value) != base or not scope.is_private(base):
                return False
            made = scope.new()
            scope.emit(REPLACE, made, base, key, var)
            scope.private[made] = len(scope.ops)
            scope.rebind(base, made)
            return True
        if (
            isinstance(holder, cst.Subscript)
            and isinstance(holder.value, cst.Name)
            and len(holder.slice) == 1
        ):
            outer = scope.env.get(holder.value.value)
            part = holder.slice[0].slice
            if outer is None or not scope.is_private(outer) or not isinstance(part, cst.Index):
                return False
            outer_key = (
                string_value(part.value)
                if not isinstance(part.value, cst.Integer)
                else int(part.value.value, 0)
            )
            if outer_key is None:
                return False
            made = scope.new()
            scope.emit(REPLACE, made, base, key, var)
            return self._replace(holder.value, outer, outer_key, made)
        return False
