"""Tests of a name's class or beginning to facts: behind them it stands for less than before."""

from __future__ import annotations

from typing import NamedTuple

import libcst as cst

from tracer.reading.lowering.facts import BEGINS, COPY, ONLY
from tracer.reading.lowering.literals import Literals, string_value


class Foreseen(NamedTuple):
    """A name that a test decides on which is evaluated later: its variable behind the test, and before."""

    name: str
    behind: int
    before: int


class Test(NamedTuple):
    """What a test says of a name: the operation that lets pass what it says so of, and what that is told."""

    name: str
    operation: int
    told: int | tuple[str, ...]


class Checks(Literals):
    """The part of the walk that deals with what is known behind a test.

    A name is only told apart where it is bound in the scope itself: elsewhere it may be bound anew meanwhile.
    """

    checks: dict[int, Test]
    """For tests by identity of their nodes what they say."""

    def note_check(self, node: cst.Call, args: tuple[tuple[str | None, int], ...]) -> None:
        """Remember ``isinstance(name, classes)`` and ``name.startswith(prefix)`` for `sift`."""
        name, prefixes = _tested(node)
        if name not in self.scope.env:
            return
        if prefixes:
            self.checks[id(node)] = Test(name, BEGINS, prefixes)
        elif len(args) == 2 and self.scope.env[name] == args[0][1]:
            self.checks[id(node)] = Test(name, ONLY, args[1][1])

    def sift(self, test: cst.BaseExpression, truth: bool) -> None:
        """From here on, ``test`` was found to be true, or not to be."""
        if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            self.sift(test.expression, not truth)
        elif isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And) is truth:
            self.sift(test.left, truth)
            self.sift(test.right, truth)
        elif id(test) in self.checks:
            name, operation, told = self.checks[id(test)]
            now = self.scope.env.get(name)
            if now is not None:
                self.scope.env[name] = self.scope.new()
                self.scope.emit(operation, self.scope.env[name], now, told, truth)

    def foresee(self, test: cst.BaseExpression) -> Foreseen | None:
        """What comes before its test in the text, as in ``name.x if isinstance(name, X) else None``."""
        name = _tested(test)[0] if isinstance(test, cst.Call) else ""
        before = self.scope.env.get(name)
        if before is None:
            return None
        behind = self.scope.env[name] = self.scope.new()
        return Foreseen(name, behind, before)

    def told(self, test: cst.BaseExpression, foreseen: Foreseen | None) -> None:
        """The test of what was foreseen has been evaluated."""
        if foreseen is None:
            return
        known = self.checks.get(id(test))
        if known is not None:
            self.scope.emit(known.operation, foreseen.behind, foreseen.before, known.told, True)
        else:
            self.scope.emit(COPY, foreseen.behind, foreseen.before)


def _tested(node: cst.Call) -> tuple[str, tuple[str, ...]]:
    """The name in ``isinstance(name, classes)``, or in ``name.startswith(prefix)`` with the constant strings
    given; an empty one for other calls."""
    if any(given.star or given.keyword is not None for given in node.args):
        return "", ()
    func, first = node.func, node.args[0].value if node.args else None
    if isinstance(func, cst.Name) and func.value == "isinstance" and len(node.args) == 2:
        return (first.value, ()) if isinstance(first, cst.Name) else ("", ())
    if isinstance(func, cst.Attribute) and func.attr.value == "startswith" and len(node.args) == 1:
        given = [part.value for part in first.elements] if isinstance(first, cst.Tuple) else [first]
        prefixes = [string_value(one) for one in given if one is not None]
        if isinstance(func.value, cst.Name) and prefixes and None not in prefixes:
            return func.value.value, tuple(prefix for prefix in prefixes if prefix is not None)
    return "", ()
