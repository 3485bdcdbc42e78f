"""The scopes of a file in two versions of it: which is which, found by their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tracer.reading.lowering.facts import Code
from tracer.reading.lowering.operands import operands


def pairs(old: Sequence[Code], new: Sequence[Code]) -> list[int] | None:
    """For each scope of ``old`` the number of the same one in ``new``.

    Returns:
        None if one is gone, if callers deal otherwise with one than before, or if one that was added has the
        name of one that was, and comes first: that is the one that is found by the name.
    """
    now = [-1] * len(old)
    inside_old, inside_new = _inside(old), _inside(new)
    todo = [(0, 0)]
    while todo:
        before, found = todo.pop()
        if not _alike(old[before], new[found]):
            return None
        now[before] = found
        there = inside_new.get(found, {})
        for key, those in inside_old.get(before, {}).items():
            if len(those) > len(there.get(key, ())):
                return None
            todo += zip(those, _chosen(old, new, those, there[key]), strict=True)
    first = _first_of_name(new)
    if any(now[number] != first[name] for name, number in _first_of_name(old).items()):
        return None
    return now


def _inside(codes: Sequence[Code]) -> dict[int, dict[tuple[str, str], list[int]]]:
    """The scopes in each scope, by kind and name, in order."""
    found: dict[int, dict[tuple[str, str], list[int]]] = {}
    for number, code in enumerate(codes[1:], 1):
        found.setdefault(code.parent, {}).setdefault((code.kind, code.qualname), []).append(number)
    return found


def _chosen(old: Sequence[Code], new: Sequence[Code], before: list[int], now: list[int]) -> list[int]:
    """Which of the scopes ``now``, all of one name, are most likely those of ``before``."""
    more = len(now) - len(before)
    if not more:
        return now
    chosen: list[int] = []
    at = 0
    for place, number in enumerate(before):
        looks = _looks(old[number])
        there = range(at, place + more + 1)
        at = next((one for one in there if _looks(new[now[one]]) == looks), at)
        chosen.append(now[at])
        at += 1
    return chosen


def _looks(code: Code) -> list[Any]:
    return [code.parameters, [operands(fact).shape for fact in code.ops]]


def _first_of_name(codes: Sequence[Code]) -> dict[str, int]:
    found: dict[str, int] = {}
    for number, code in enumerate(codes):
        found.setdefault(code.qualname, number)
    return found


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
