"""What a file does more than before: how its facts are those it had, and others besides.

Variables and places are numbered, so whatever is added in the middle gives others to all behind it. Scopes
are found again by their names, and in each the operations in their order, such that the variables they speak
of are the same ones throughout: two operations are never taken for the same because they look alike.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tracer.reading.lowering.facts import (
    ANNOTATE,
    CLASS,
    FIRST_FREE_VAR,
    FREE,
    FREESTORE,
    FUNC,
    GLOBAL,
    HANDING_ON,
    IMPORTSTAR,
    Code,
    FileFacts,
)
from tracer.reading.operands import PLACE_AT, Operands, operands

_OWN_SCOPES = ("module", "class")
"""Scopes that look a name up each time; all others do so once, where it is read first."""
_TRIES = 40
"""How often an operation may be compared, on the average, before a scope counts as too much changed."""
_BUILTINS = frozenset(dir(builtins))


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
    stores = [name for name in new.stores if name not in set(old.stores)]
    if new.public != old.public or len(stores) != len(new.stores) - len(old.stores):
        return None
    if any(name in _BUILTINS or name.startswith("__") for name in stores):
        return None
    try:
        return _Comparison(old, new).additions(stores)
    except _OtherwiseError:
        return None


class _OtherwiseError(Exception):
    """Something is not as it was."""


class _Scope:
    """Which variable of a scope was which before; ``taken`` is the same the other way round."""

    def __init__(self, old: Code, new: Code) -> None:
        self.old, self.new = old, new
        fixed = range(FIRST_FREE_VAR + len(old.parameters))
        self.now = dict(zip(fixed, fixed, strict=True))
        self.taken = dict(self.now)


class _Comparison:
    """Two versions of a file, while their scopes are compared one by one, outer ones first."""

    def __init__(self, old: FileFacts, new: FileFacts) -> None:
        self.old, self.new = old.codes, new.codes
        self.was = [-1] * len(new.codes)
        self.now = [-1] * len(old.codes)
        self.scopes: dict[int, _Scope] = {}
        self.places: dict[int, int] = {0: 0}
        self.trail: list[tuple[_Scope, int]] = []

    def additions(self, stores: list[str]) -> Additions:
        """See the function of this name.

        Raises:
            _OtherwiseError: something is not as it was.
        """
        self._find_scopes()
        grown: dict[int, Grown] = {}
        for number, now in enumerate(self.now):
            scope = self.scopes[number] = _Scope(self.old[number], self.new[now])
            self._place(scope.old.line, scope.new.line)
            if not self._same(scope, number):
                grown[now] = self._grown(scope, number)
        for number, was in enumerate(self.was):
            if was < 0:
                self._check_added(number)
        places = [0] * (max(self.places) + 1)
        for place, moved in self.places.items():
            places[place] = moved
        return Additions(self.was, grown, places, stores)

    # Scopes

    def _find_scopes(self) -> None:
        before, now = _inside(self.old), _inside(self.new)
        todo = [(0, 0)]
        while todo:
            old, new = todo.pop()
            if not _alike(self.old[old], self.new[new]):
                raise _OtherwiseError
            self.now[old], self.was[new] = new, old
            for key, those in before.get(old, {}).items():
                todo += zip(those, self._chosen(those, now.get(new, {}).get(key, [])), strict=True)
        first = _first_of_name(self.new)
        if any(self.now[number] != first[name] for name, number in _first_of_name(self.old).items()):
            raise _OtherwiseError

    def _chosen(self, before: list[int], now: list[int]) -> list[int]:
        """Which of the scopes ``now``, all of one name, are those of ``before``."""
        more = len(now) - len(before)
        if more < 0:
            raise _OtherwiseError
        if not more:
            return now
        chosen: list[int] = []
        at = 0
        for place, number in enumerate(before):
            looks = _looks(self.old[number])
            there = range(at, place + more + 1)
            at = next((one for one in there if _looks(self.new[now[one]]) == looks), at)
            chosen.append(now[at])
            at += 1
        return chosen

    def _place(self, before: int, now: int) -> None:
        if self.places.setdefault(before, now) != now:
            raise _OtherwiseError

    # Operations

    def _same(self, scope: _Scope, number: int) -> bool:
        """Whether nothing but numbers of places and scopes is otherwise; quick, as most scopes are so."""
        old, new = scope.old, scope.new
        if len(old.ops) != len(new.ops) or old.variables != new.variables or old.exports != new.exports:
            return False
        if old.unsure != new.unsure:
            return False
        mark = len(self.trail)
        if not self._all_same(old, new, number):
            self._forget(mark)
            return False
        for before, now in zip(old.ops, new.ops, strict=True):
            at = PLACE_AT[before[0]]
            if at:
                self._place(before[at], now[at])
        scope.now = scope.taken = dict(enumerate(range(new.variables)))
        return True

    def _all_same(self, old: Code, new: Code, number: int) -> bool:
        for before, now in zip(old.ops, new.ops, strict=True):
            at = PLACE_AT[before[0]]
            if at:
                if before[:at] != now[:at] or before[at + 1 :] != now[at + 1 :]:
                    return False
            elif before[0] in _FURTHER:
                first, second = operands(before), operands(now)
                if first[:3] != second[:3] or not self._reach_the_same(number, first, second):
                    return False
            elif before != now:
                return False
        return True

    def _reach_the_same(self, number: int, before: Operands, now: Operands) -> bool:
        """Whether the other scopes that two operations speak of correspond."""
        if before.depth != now.depth or (before.code < 0) != (now.code < 0):
            return False
        if before.code >= 0 and self.now[before.code] != now.code:
            return False
        if not before.depth:
            return True
        return self._unify(self._outer(number, before.depth), before.outer, now.outer)

    def _outer(self, number: int, depth: int) -> _Scope:
        for _ in range(depth):
            number = self.old[number].parent
        return self.scopes[number]

    def _unify(self, scope: _Scope, before: int, now: int) -> bool:
        """Whether a variable is, or may from here on be taken for, the one that another was."""
        known = scope.now.get(before)
        if known is not None or before < 0 or now < 0:
            return known == now if known is not None else before == now
        if now in scope.taken:
            return False
        scope.now[before], scope.taken[now] = now, before
        self.trail.append((scope, before))
        return True

    def _match(self, scope: _Scope, number: int, before: Operands, now: Operands) -> bool:
        if before.shape != now.shape or len(before.variables) != len(now.variables):
            return False
        mark = len(self.trail)
        if self._reach_the_same(number, before, now) and all(
            self._unify(scope, *pair) for pair in zip(before.variables, now.variables, strict=True)
        ):
            return True
        self._forget(mark)
        return False

    def _forget(self, mark: int) -> None:
        while len(self.trail) > mark:
            scope, before = self.trail.pop()
            del scope.taken[scope.now.pop(before)]

    def _grown(self, scope: _Scope, number: int) -> Grown:
        before = [operands(fact) for fact in scope.old.ops]
        now = [operands(fact) for fact in scope.new.ops]
        matched = self._shared(scope, number, before, now)
        left = [at for at in range(len(before)) if at not in matched]
        taken = set(matched.values())
        free = [at for at in range(len(now)) if at not in taken]
        matched.update(self._in_order(scope, number, before, now, left, free))
        for at, there in matched.items():
            place = PLACE_AT[scope.old.ops[at][0]]
            if place:
                self._place(scope.old.ops[at][place], scope.new.ops[there][place])
        operations = [-1] * len(now)
        for at, there in matched.items():
            operations[there] = at
        exports = self._exports(scope)
        variables = [scope.taken.get(var, -1) for var in range(scope.new.variables)]
        added = [there for there, at in enumerate(operations) if at < 0]
        widened = [there for there in added if self._widens(variables, now[there])]
        rearranged = _rearranged(scope, operations)
        return Grown(number, operations, variables, added, widened, exports, rearranged)

    def _shared(
        self, scope: _Scope, number: int, before: Sequence[Operands], now: Sequence[Operands]
    ) -> dict[int, int]:
        """The operations that look names up, found by the name: they stand wherever it is read first."""
        if scope.old.kind in _OWN_SCOPES:
            return {}
        there = {_sought(one): at for at, one in enumerate(now) if one.shape[0] in (GLOBAL, FREE)}
        matched: dict[int, int] = {}
        for at, one in enumerate(before):
            if one.shape[0] in (GLOBAL, FREE):
                outer = self._outer(number, one.depth).now.get(one.outer, -1) if one.depth else -1
                found = there.get((*one.shape, outer))
                if found is None or not self._match(scope, number, one, now[found]):
                    raise _OtherwiseError
                matched[at] = found
        return matched

    def _in_order(
        self,
        scope: _Scope,
        number: int,
        before: Sequence[Operands],
        now: Sequence[Operands],
        left: Sequence[int],
        free: Sequence[int],
    ) -> Iterator[tuple[int, int]]:
        """The operations that were there, in their order, among those that are; as early as it goes."""
        more = len(free) - len(left)
        chosen: list[tuple[int, int]] = []
        at = 0
        tries = _TRIES * (len(free) + 10)
        while len(chosen) < len(left):
            wanted = len(chosen)
            tries -= 1
            if at - wanted <= more:
                mark = len(self.trail)
                if self._match(scope, number, before[left[wanted]], now[free[at]]):
                    chosen.append((at, mark))
            elif chosen and tries > 0:
                at, mark = chosen.pop()
                self._forget(mark)
            else:
                raise _OtherwiseError
            at += 1
        return zip(left, (free[at] for at, _ in chosen), strict=True)

    # What was added

    def _exports(self, scope: _Scope) -> list[tuple[str, int]]:
        names = dict(scope.new.exports)
        for name, var in scope.old.exports:
            if name not in names or not self._unify(scope, var, names.pop(name)):
                raise _OtherwiseError
        return list(names.items())

    def _widens(self, variables: Sequence[int], added: Operands) -> bool:
        """Whether an added operation writes what was there.

        Raises:
            _OtherwiseError: it does so otherwise than by handing on a value.
        """
        self._check_reach(added)
        if not any(variables[var] >= 0 for var in added.variables[: added.written] if var >= 0):
            return False
        if added.shape[0] not in HANDING_ON:
            raise _OtherwiseError
        return True

    def _check_added(self, number: int) -> None:
        for fact in self.new[number].ops:
            if fact[0] in _FURTHER:
                self._check_reach(operands(fact))

    def _check_reach(self, added: Operands) -> None:
        """What is added may not assign variables of scopes around it, annotate what was there, or take all
        names of a module."""
        kind = added.shape[0]
        if kind in (FREESTORE, IMPORTSTAR) or (kind == ANNOTATE and added.code >= 0 <= self.was[added.code]):
            raise _OtherwiseError


_FURTHER = (FUNC, CLASS, ANNOTATE, FREE, FREESTORE, IMPORTSTAR)
"""Operations that speak of other scopes (or modules)."""


def _inside(codes: Sequence[Code]) -> dict[int, dict[tuple[str, str], list[int]]]:
    """The scopes in each scope, by kind and name, in order."""
    found: dict[int, dict[tuple[str, str], list[int]]] = {}
    for number, code in enumerate(codes[1:], 1):
        found.setdefault(code.parent, {}).setdefault((code.kind, code.qualname), []).append(number)
    return found


def _first_of_name(codes: Sequence[Code]) -> dict[str, int]:
    """Which scope of a name comes first: whoever asks for something by the name gets that one."""
    return {code.qualname: number for number, code in reversed(list(enumerate(codes)))}


def _alike(old: Code, new: Code) -> bool:
    """Whether callers deal with two versions of a scope in the same way.

    That scopes inside read its variables (`Code.captures`) concerns nobody but through `Code.contextual`.
    """
    return (
        old.kind == new.kind
        and (old.owner < 0) == (new.owner < 0)
        and old.parameters == new.parameters
        and old.annotated == new.annotated
        and old.generator == new.generator
        and old.asynchronous == new.asynchronous
        and old.contextual == new.contextual
        and old.by_receiver == new.by_receiver
    )


def _looks(code: Code) -> list[Any]:
    return [code.parameters, [operands(fact).shape for fact in code.ops]]


def _sought(one: Operands) -> tuple[Any, ...]:
    return (*one.shape, one.outer)


def _rearranged(scope: _Scope, operations: Sequence[int]) -> bool:
    order = [at for at in operations if at >= 0]
    before, now = _unsure(scope.old), _unsure(scope.new)
    return order != sorted(order) or any(
        (at in before) != (there in now) for there, at in enumerate(operations) if at >= 0
    )


def _unsure(code: Code) -> set[int]:
    return {number for first, behind in code.unsure for number in range(first, behind)}
