"""A file's facts as they were, with what was added behind them: everything that was keeps its numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from tracer.reading.additions import Additions
from tracer.reading.lowering import facts as op
from tracer.reading.lowering.facts import Code, FileFacts
from tracer.reading.lowering.operands import PLACE_AT


class Added(NamedTuple):
    """What a scope has that it had not: operations, variables and exports from these numbers on.
    ``rearranged`` is that of `tracer.reading.additions.Grown`."""

    operations: int
    variables: int
    exports: int
    rearranged: bool


class Merged(NamedTuple):
    """``facts`` with additions behind what was; ``scopes`` is what was added to scopes that were, and
    ``first`` the number of the first new scope. Places of additions, which are counted as in the file as it
    is, follow the ``places`` that were; ``moved`` has for each of these the one it is now."""

    facts: FileFacts
    scopes: dict[int, Added]
    first: int
    places: int
    added_places: int
    moved: list[int]


def merged(old: FileFacts, new: FileFacts, found: Additions, places: int, now: int) -> Merged:
    """The facts of a file whose `Additions` are known.

    Args:
        old, new: the facts as they were and are.
        found: what was added.
        places, now: how many places there were and are.
    """
    first = len(old.codes)
    numbers = list(found.codes)
    fresh = first
    for number, was in enumerate(numbers):
        if was < 0:
            numbers[number] = fresh
            fresh += 1
    codes: list[Code] = [*old.codes, *([old.codes[0]] * (fresh - first))]
    renamed = _Renamed(new.codes, found, numbers, old.codes, places)
    scopes: dict[int, Added] = {}
    for number, target in enumerate(numbers):
        if target >= first:
            codes[target] = renamed.fresh(number)
        elif number in found.grown:
            before = old.codes[target]
            scopes[target] = Added(
                len(before.ops), before.variables, len(before.exports), found.grown[number].rearranged
            )
            codes[target] = renamed.grown(number, before)
    facts = FileFacts(codes, [*old.stores, *found.stores], old.public)
    return Merged(facts, scopes, first, places, now, found.places)


class _Renamed:
    def __init__(
        self,
        codes: Sequence[Code],
        found: Additions,
        numbers: Sequence[int],
        before: Sequence[Code],
        places: int,
    ) -> None:
        self.codes = codes
        self.found = found
        self.numbers = numbers
        self.before = before
        self.places = places
        self._variables: dict[int, list[int]] = {}

    def fresh(self, number: int) -> Code:
        code = self.codes[number]
        ops = [self._fact(number, fact, lambda var: var) for fact in code.ops]
        return msgspec.structs.replace(
            code,
            ops=ops,
            parent=self._code(code.parent),
            owner=self._code(code.owner),
            line=self.places + code.line,
        )

    def grown(self, number: int, was: Code) -> Code:
        code, grown = self.codes[number], self.found.grown[number]
        variables = self._of(number)
        added = [self._fact(number, code.ops[at], variables.__getitem__) for at in grown.added]
        return msgspec.structs.replace(
            was,
            ops=[*was.ops, *added],
            variables=was.variables + sum(var < 0 for var in grown.variables),
            exports=[*was.exports, *((name, variables[var]) for name, var in grown.exports)],
        )

    def _code(self, number: int) -> int:
        return self.numbers[number] if number >= 0 else number

    def _of(self, number: int) -> list[int]:
        """For each variable of a scope that was the number it has now: behind all others if it was added."""
        known = self._variables.get(number)
        if known is None:
            known = []
            behind = self.before[self.numbers[number]].variables
            for var in self.found.grown[number].variables:
                known.append(var if var >= 0 else behind)
                behind += var < 0
            self._variables[number] = known
        return known

    def _outer(self, number: int, depth: int, var: int) -> int:
        for _ in range(depth):
            number = self.codes[number].parent
        return self._of(number)[var] if number in self.found.grown else var

    def _fact(self, number: int, fact: Sequence[Any], variable: Callable[[int], int]) -> tuple[Any, ...]:
        made = list(renumbered(fact, lambda var: variable(var) if var >= 0 else var))
        at = PLACE_AT[fact[0]]
        if at:
            made[at] += self.places
        kind = fact[0]
        if kind in (op.FUNC, op.CLASS):
            made[2] = self._code(fact[2])
        elif kind == op.FREE:
            made[3] = self._outer(number, fact[2], fact[3])
        elif kind == op.ANNOTATE and not isinstance(fact[1], int):
            made[1] = (self._code(fact[1][0]), fact[1][1])
        return tuple(made)


def renumbered(fact: Sequence[Any], var: Callable[[int], int]) -> tuple[Any, ...]:
    """``fact`` with other numbers for the variables of its own scope.

    Args:
        fact: an operation.
        var: the new number of a variable; it is asked of negative ones, which are none, as well.
    """
    return _RENUMBERED[fact[0]](fact, var)


def _pairs(pairs: Any, var: Callable[[int], int]) -> tuple[Any, ...]:
    return tuple((name, var(number)) for name, number in pairs)


def _at(*places: int) -> Callable[[Any, Callable[[int], int]], tuple[Any, ...]]:
    def change(fact: Any, var: Callable[[int], int]) -> tuple[Any, ...]:
        made = list(fact)
        for place in places:
            made[place] = var(made[place])
        return tuple(made)

    return change


_RENUMBERED: dict[int, Callable[[Any, Callable[[int], int]], tuple[Any, ...]]] = {
    op.COPY: _at(1, 2),
    op.STR: _at(1),
    op.FUNC: lambda f, var: (f[0], var(f[1]), f[2], _pairs(f[3], var)),
    op.CLASS: lambda f, var: (f[0], var(f[1]), f[2], tuple(map(var, f[3])), _pairs(f[4], var)),
    op.GLOBAL: _at(1),
    op.GSTORE: _at(2),
    op.FREE: _at(1),
    op.FREESTORE: _at(3),
    op.ATTR: _at(1, 2),
    op.SETATTR: _at(1, 3),
    op.CALL: lambda f, var: (f[0], var(f[1]), var(f[2]), _pairs(f[3], var), *f[4:]),
    op.NEW: lambda f, var: (
        f[0],
        var(f[1]),
        f[2],
        tuple((key, *(var(number) for number in numbers)) for key, *numbers in f[3]),
    ),
    op.INDEX: _at(1, 2, 4),
    op.SETINDEX: _at(1, 3, 4),
    op.ITER: _at(1, 2),
    op.UNPACK: _at(1, 2),
    op.ENTER: _at(1, 2),
    op.OPERATE: _at(1, 2, 3),
    op.IMPORT: _at(1),
    op.IMPORTSTAR: _at(),
    op.AWAIT: _at(1, 2),
    op.YIELDFROM: _at(1, 2),
    op.ANNOTATE: lambda f, var: (f[0], var(f[1]) if isinstance(f[1], int) else f[1], var(f[2])),
    op.LITERAL: _at(1),
    op.FORMAT: lambda f, var: (
        f[0],
        var(f[1]),
        tuple(var(part) if isinstance(part, int) else part for part in f[2]),
    ),
    op.RAISE: _at(1),
    op.CAUGHT: _at(1, 2),
    op.DELETE: _at(1),
    op.REPLACE: _at(1, 2, 4),
    op.NARROW: _at(1, 2, 3),
    op.ONLY: _at(1, 2, 3),
    op.MATCHED: _at(1, 2, 3),
    op.BEGINS: _at(1, 2),
}
