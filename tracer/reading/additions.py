"""What a file does more than before: how its facts are those it had, and others besides.

Variables and places are numbered, so whatever is added in the middle gives others to all behind it. Scopes
are found again by their names, and in each the operations in their order, such that the variables they speak
of are the same ones throughout: two operations are never taken for the same because they look alike.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tracer.reading.lowering.facts import (
    ANNOTATE,
    CLASS,
    FREE,
    FREESTORE,
    FUNC,
    GLOBAL,
    HANDING_ON,
    IMPORTSTAR,
    Code,
    FileFacts,
)
from tracer.reading.lowering.operands import PLACE_AT, Operands, operands
from tracer.reading.renumbering import Renumbering, Scope
from tracer.reading.scope_pairs import pairs

_OWN_SCOPES = ("module", "class")
"""Scopes that look a name up each time; all others do so once, where it is read first."""
_LOOKING_UP = (GLOBAL, FREE)
_TRIES = 40
"""How often an operation may be compared, on the average, before a scope counts as too much changed."""
_BUILTINS = frozenset(dir(builtins))
_REACHING = (FUNC, CLASS, ANNOTATE, FREE, FREESTORE, IMPORTSTAR)
"""Operations that speak of other scopes (or modules)."""


class Grown(NamedTuple):
    """A scope that was there and does more now, or does the same with other numbers.

    ``operations`` and ``variables`` have, for each of the scope as it is now, the number it had before, or
    -1. ``added`` are the operations (numbers as of now) that were not there. Of these, ``widened`` hand a
    value on to a variable that was: it may hold more than before. ``exports`` are added names of a class
    body. ``rearranged``: an operation that was there stands elsewhere among the others, or is not as sure to
    run once as it was.
    """

    old: int
    operations: list[int]
    variables: list[int]
    added: list[int]
    widened: list[int]
    exports: list[tuple[str, int]]
    rearranged: bool


class Additions(NamedTuple):
    """A file's facts as those it had and what was added.

    ``codes`` has for each scope the number it had before, or -1 if it is new. Those of them that are not in
    ``grown`` (by number as of now) are as they were, but for numbers of scopes and places, and for the
    variables of scopes around them. ``places`` has for each place of before the one it is now; 0 for those
    that no fact speaks of. ``stores`` are the added names of the module.
    """

    codes: list[int]
    grown: dict[int, Grown]
    places: list[int]
    stores: list[str]


def additions(old: FileFacts, new: FileFacts) -> Additions | None:
    """How ``new`` is ``old`` and something besides; None where anything is gone or otherwise than it was.

    What is added may itself bear on what was there: see `Grown.widened`, and names that others look up.
    """
    known = set(old.stores)
    stores = [name for name in new.stores if name not in known]
    if new.public != old.public or len(stores) != len(new.stores) - len(old.stores):
        return None
    if any(name in _BUILTINS or name.startswith("__") for name in stores):
        return None
    now = pairs(old.codes, new.codes)
    if now is None:
        return None
    try:
        return _Comparison(old.codes, new.codes, now).additions(stores)
    except _OtherwiseError:
        return None


class _OtherwiseError(Exception):
    """Something is not as it was."""


class _Comparison:
    """Two versions of a file, while their scopes are compared one by one, outer ones first.

    Args:
        old, new: the scopes.
        now: for each of ``old`` which one of ``new`` it is.
    """

    def __init__(self, old: list[Code], new: list[Code], now: list[int]) -> None:
        self.old, self.new, self.now = old, new, now
        self.was = [-1] * len(new)
        for number, found in enumerate(now):
            self.was[found] = number
        self.numbers = Renumbering(old, new, now)
        self.places: dict[int, int] = {0: 0}

    def additions(self, stores: list[str]) -> Additions:
        """See the function of this name.

        Raises:
            _OtherwiseError: something is not as it was.
        """
        grown: dict[int, Grown] = {}
        for now in self.now:
            scope = self.numbers.opened()
            self._place(scope.old.line, scope.new.line)
            same: Iterable[int] = range(len(scope.new.ops))
            if self._same(scope):
                scope.keep_all()
            else:
                found = grown[now] = self._grown(scope)
                same = found.operations
            for fact, before in zip(scope.new.ops, same, strict=True):
                at = PLACE_AT[fact[0]]
                if at and before >= 0:
                    self._place(scope.old.ops[before][at], fact[at])
        for number, was in enumerate(self.was):
            for fact in self.new[number].ops if was < 0 else ():
                self._check_reach(fact)
        places = [0] * (max(self.places) + 1)
        for place, moved in self.places.items():
            places[place] = moved
        return Additions(self.was, grown, places, stores)

    def _place(self, before: int, now: int) -> None:
        if self.places.setdefault(before, now) != now:
            raise _OtherwiseError

    # What is as it was

    def _same(self, scope: Scope) -> bool:
        """Whether nothing but numbers of places and scopes is otherwise; quick, as most scopes are so."""
        old, new = scope.old, scope.new
        if len(old.ops) != len(new.ops) or old.variables != new.variables or old.exports != new.exports:
            return False
        mark = self.numbers.mark
        if old.unsure == new.unsure and all(map(self._same_fact, [scope] * len(old.ops), old.ops, new.ops)):
            return True
        self.numbers.forget(mark)
        return False

    def _same_fact(self, scope: Scope, before: Any, now: Any) -> bool:
        at = PLACE_AT[before[0]]
        if at:
            return bool(before[:at] == now[:at] and before[at + 1 :] == now[at + 1 :])
        if before[0] in _REACHING and before[0] == now[0]:
            first, second = operands(before), operands(now)
            return first[:3] == second[:3] and self.numbers.reach_the_same(scope, first, second)
        return bool(before == now)

    # What is there besides

    def _grown(self, scope: Scope) -> Grown:
        """How the scope's operations are those it had and others.

        Of several that look alike either the first or the last were there: taking the others for them, what
        was there would hold more than before.
        """
        before = [operands(fact) for fact in scope.old.ops]
        now = [operands(fact) for fact in scope.new.ops]
        shared = self._shared(scope, before, now)
        mark = self.numbers.mark
        found: dict[int, int] = {}
        for step in (1, -1):
            grown = self._aligned(scope, before, now, shared, step)
            if grown is not None and not grown.widened:
                return grown
            if grown is not None:
                found[step] = len(grown.widened)
            self.numbers.forget(mark)
        best = self._aligned(scope, before, now, shared, min(found, key=lambda step: found[step], default=1))
        if best is None:
            raise _OtherwiseError
        return best

    def _aligned(
        self,
        scope: Scope,
        before: Sequence[Operands],
        now: Sequence[Operands],
        shared: dict[int, int],
        step: int,
    ) -> Grown | None:
        taken = set(shared.values())
        left = [at for at in range(len(before)) if at not in shared][::step]
        free = [at for at in range(len(now)) if at not in taken][::step]
        operations = [-1] * len(now)
        for at, there in shared.items():
            operations[there] = at
        try:
            for at, place in zip(left, self._in_order(scope, before, now, left, free), strict=True):
                operations[free[place]] = at
            exports = self._exports(scope)
            variables = [scope.was.get(var, -1) for var in range(scope.new.variables)]
            added = [there for there, at in enumerate(operations) if at < 0]
            widened = [there for there in added if self._widens(variables, scope.new.ops[there], now[there])]
        except _OtherwiseError:
            return None
        rearranged = _rearranged(scope, operations)
        return Grown(scope.number, operations, variables, added, widened, exports, rearranged)

    def _shared(self, scope: Scope, before: Sequence[Operands], now: Sequence[Operands]) -> dict[int, int]:
        """The operations that look names up, found by the name: they stand wherever it is read first."""
        if scope.old.kind in _OWN_SCOPES:
            return {}
        there = {(*one.shape, one.outer): at for at, one in enumerate(now) if one.shape[0] in _LOOKING_UP}
        matched: dict[int, int] = {}
        for at, one in enumerate(before):
            if one.shape[0] in _LOOKING_UP:
                outer = self.numbers.around(scope, one.depth).now.get(one.outer, -1) if one.depth else -1
                found = there.get((*one.shape, outer))
                if found is None or not self.numbers.match(scope, one, now[found]):
                    raise _OtherwiseError
                matched[at] = found
        return matched

    def _in_order(
        self,
        scope: Scope,
        before: Sequence[Operands],
        now: Sequence[Operands],
        left: Sequence[int],
        free: Sequence[int],
    ) -> list[int]:
        """For each of the operations ``left`` which of ``free`` it is: in order, and as early as it goes."""
        more = len(free) - len(left)
        chosen: list[tuple[int, int]] = []
        at = 0
        tries = _TRIES * (len(free) + 10)
        while len(chosen) < len(left):
            wanted = len(chosen)
            tries -= 1
            if at - wanted <= more:
                mark = self.numbers.mark
                if self.numbers.match(scope, before[left[wanted]], now[free[at]]):
                    chosen.append((at, mark))
            elif chosen and tries > 0:
                at, mark = chosen.pop()
                self.numbers.forget(mark)
            else:
                raise _OtherwiseError
            at += 1
        return [at for at, _ in chosen]

    def _exports(self, scope: Scope) -> list[tuple[str, int]]:
        names = dict(scope.new.exports)
        for name, var in scope.old.exports:
            if name not in names or not self.numbers.unify(scope, var, names.pop(name)):
                raise _OtherwiseError
        return list(names.items())

    def _widens(self, variables: Sequence[int], fact: Any, added: Operands) -> bool:
        """Whether an added operation writes what was there.

        Raises:
            _OtherwiseError: it does so otherwise than by handing on a value.
        """
        self._check_reach(fact)
        if not any(variables[var] >= 0 for var in added.variables[: added.written] if var >= 0):
            return False
        if fact[0] not in HANDING_ON:
            raise _OtherwiseError
        return True

    def _check_reach(self, fact: Any) -> None:
        """What is added may not assign variables of scopes around it, annotate what was there, or take all
        names of a module."""
        if fact[0] in (FREESTORE, IMPORTSTAR):
            raise _OtherwiseError
        if fact[0] == ANNOTATE and (code := operands(fact).code) >= 0 and self.was[code] >= 0:
            raise _OtherwiseError


def _rearranged(scope: Scope, operations: Sequence[int]) -> bool:
    order = [at for at in operations if at >= 0]
    before, now = _unsure(scope.old), _unsure(scope.new)
    return order != sorted(order) or any(
        (at in before) != (there in now) for there, at in enumerate(operations) if at >= 0
    )


def _unsure(code: Code) -> set[int]:
    return {number for first, behind in code.unsure for number in range(first, behind)}
