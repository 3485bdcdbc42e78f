"""``isinstance`` tests to facts: behind them a name stands for less than before."""

from __future__ import annotations

from typing import NamedTuple

import libcst as cst

from tracer.reading.lowering.facts import COPY, ONLY
from tracer.reading.lowering.literals import Literals


class Foreseen(NamedTuple):
    """A name that a test decides on which is evaluated later: its variable behind the test, and before."""

    name: str
    behind: int
    before: int


class Checks(Literals):
    """The part of the walk that deals with what is known behind a test.

    A name is only told apart where it is bound in the scope itself: elsewhere it may be bound anew meanwhile.
    """

    checks: dict[int, tuple[str, int]]
    """For tests by identity of their nodes: the name, and the variable of the class or classes."""

    def note_check(self, node: cst.Call, args: tuple[tuple[str | None, int], ...]) -> None:
        """Remember ``isinstance(name, classes)`` for `sift`."""
        name = _tested(node)
        if name and len(args) == 2 and self.scope.env.get(name) == args[0][1]:
            self.checks[id(node)] = (name, args[1][1])

    def sift(self, test: cst.BaseExpression, truth: bool) -> None:
        """From here on, ``test`` was found to be true, or not to be."""
        if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            self.sift(test.expression, not truth)
        elif isinstance(test, cst.BooleanOperation) and isinstance(test.operator, cst.And) is truth:
            self.sift(test.left, truth)
            self.sift(test.right, truth)
        elif id(test) in self.checks:
            name, classes = self.checks[id(test)]
            now = self.scope.env.get(name)
            if now is not None:
                self.scope.env[name] = self.scope.new()
                self.scope.emit(ONLY, self.scope.env[name], now, classes, truth)

    def foresee(self, test: cst.BaseExpression) -> Foreseen | None:
        """What comes before its test in the text, as in ``name.x if isinstance(name, X) else None``."""
        name = _tested(test) if isinstance(test, cst.Call) else ""
        before = self.scope.env.get(name)
        if before is None:
            return None
        behind = self.scope.env[name] = self.scope.new()
        return Foreseen(name, behind, before)

    def told(self, test: cst.BaseExpression, foreseen: Foreseen | None) -> None:
        """The test of what was foreseen has been evaluated."""
        if foreseen is None:
            return
        if id(test) in self.checks:
            self.scope.emit(ONLY, foreseen.behind, foreseen.before, self.checks[id(test)][1], True)
        else:
            self.scope.emit(COPY, foreseen.behind, foreseen.before)


def _tested(node: cst.Call) -> str:
    """The name in ``isinstance(name, classes)``; empty for other calls."""
    if isinstance(node.func, cst.Name) and node.func.value == "isinstance" and len(node.args) == 2:
        first = node.args[0].value
        if isinstance(first, cst.Name) and not node.args[0].star and node.args[0].keyword is None:
            return first.value
    return ""
