"""Which numbers of one version of a file are which in another: found out bit by bit, taken back if wrong."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.reading.lowering.facts import FIRST_FREE_VAR, Code
from tracer.reading.lowering.operands import Operands


class Scope:
    """A scope in both versions: which variable is which by now, and which was which before."""

    def __init__(self, number: int, old: Code, new: Code) -> None:
        self.number = number
        self.old, self.new = old, new
        fixed = range(FIRST_FREE_VAR + len(old.parameters))
        self.now = dict(zip(fixed, fixed, strict=True))
        self.was = dict(self.now)

    def keep_all(self) -> None:
        """All variables have the numbers that they had."""
        self.now = self.was = dict(enumerate(range(self.new.variables)))


class Renumbering:
    """What is known by now of a file's numbers.

    Args:
        old, new: the scopes of both versions; outer ones are to be opened before those in them.
        now: for each of ``old`` which one of ``new`` it is.
    """

    def __init__(self, old: Sequence[Code], new: Sequence[Code], now: Sequence[int]) -> None:
        self._old, self._new, self._now = old, new, now
        self._scopes: list[Scope] = []
        self._trail: list[tuple[Scope, int]] = []

    def opened(self) -> Scope:
        """The next scope, of whose variables nothing is known."""
        number = len(self._scopes)
        self._scopes.append(Scope(number, self._old[number], self._new[self._now[number]]))
        return self._scopes[-1]

    def around(self, scope: Scope, depth: int) -> Scope:
        """The scope that many further out."""
        for _ in range(depth):
            scope = self._scopes[scope.old.parent]
        return scope

    def match(self, scope: Scope, before: Operands, now: Operands) -> bool:
        """Whether an operation is, or may from here on be taken for, the one that another was."""
        if before.shape != now.shape or len(before.variables) != len(now.variables):
            return False
        mark = self.mark
        if self.reach_the_same(scope, before, now) and all(
            self.unify(scope, *pair) for pair in zip(before.variables, now.variables, strict=True)
        ):
            return True
        self.forget(mark)
        return False

    def reach_the_same(self, scope: Scope, before: Operands, now: Operands) -> bool:
        """The same for what two operations speak of in other scopes."""
        if before.depth != now.depth or (before.code < 0) != (now.code < 0):
            return False
        if before.code >= 0 and self._now[before.code] != now.code:
            return False
        return not before.depth or self.unify(self.around(scope, before.depth), before.outer, now.outer)

    def unify(self, scope: Scope, before: int, now: int) -> bool:
        """The same for two variables; negative numbers stand for none."""
        if before < 0 or now < 0:
            return before == now
        known = scope.now.get(before)
        if known is not None or now in scope.was:
            return known == now
        scope.now[before], scope.was[now] = now, before
        self._trail.append((scope, before))
        return True

    @property
    def mark(self) -> int:
        """How much was found out: for `forget`."""
        return len(self._trail)

    def forget(self, mark: int) -> None:
        """Take back what was found out since."""
        while len(self._trail) > mark:
            scope, before = self._trail.pop()
            del scope.was[scope.now.pop(before)]
