"""Functions that were renamed or moved: recognised by their names and by whom they call and who calls
them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from tracer.regression.flow import Edge, simple_name

_ENOUGH = 0.5
_ALIKE = 0.7
"""How alike the texts of functions of different names must be, where they are known."""
_SAME_NAME = 0.35
_SAME_CLASS = 0.1
_MOST_PAIRS = 400_000


def renamed(
    gone: Collection[str],
    new: Collection[str],
    old_edges: Iterable[Edge],
    new_edges: Iterable[Edge],
    likeness: Mapping[tuple[str, str], float] | None = None,
) -> dict[str, str]:
    """Which of the functions that are ``gone`` live on under another id, and which.

    A pair is judged by the share of neighbours (callers and callees) that both have, by its names, and by
    ``likeness`` of their texts (0 to 1) where that is known. Each is the other's best match, or it is none.
    """
    if not gone or not new:
        return {}
    before, after = _neighbours(old_edges, gone), _neighbours(new_edges, new)
    by_trait: defaultdict[str, set[str]] = defaultdict(set)
    for one in new:
        for trait in (f"name {simple_name(one)}", *after[one]):
            by_trait[trait].add(one)
    for old, candidate in likeness or {}:
        by_trait[f"like {old}"].add(candidate)
    scores: list[tuple[float, str, str]] = []
    for old in sorted(gone):
        traits = (f"name {simple_name(old)}", f"like {old}", *before[old])
        candidates = set().union(*(by_trait.get(trait, set()) for trait in traits))
        for candidate in sorted(candidates):
            score = _score(old, candidate, before[old], after[candidate], likeness)
            if score >= _ENOUGH:
                scores.append((score, old, candidate))
        if len(scores) > _MOST_PAIRS:
            break
    found: dict[str, str] = {}
    taken: set[str] = set()
    for _, old, candidate in sorted(scores, key=lambda one: (-one[0], one[1], one[2])):
        if old not in found and candidate not in taken:
            found[old] = candidate
            taken.add(candidate)
    return found


def _score(
    old: str, new: str, before: set[str], after: set[str], likeness: Mapping[tuple[str, str], float] | None
) -> float:
    shared = len(before & after) / len(before | after) if before | after else 0.0
    name = _SAME_NAME if simple_name(old) == simple_name(new) else 0.0
    place = _SAME_CLASS if _owner(old) == _owner(new) else 0.0
    alike = None if likeness is None else likeness.get((old, new), 0.0)
    if alike is not None:
        if not name and alike < _ALIKE:
            return 0.0
        return 0.6 * alike + 0.4 * shared + name / 2 + place
    if len(before | after) < 2 and not (name and old.partition(":")[2] == new.partition(":")[2]):
        return 0.0
    return 0.6 * shared + name + place


def _owner(identity: str) -> str:
    return identity.rpartition(".")[0] if "." in identity.partition(":")[2] else identity.partition(":")[0]


def _neighbours(edges: Iterable[Edge], wanted: Collection[str]) -> defaultdict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    chosen = set(wanted)
    for edge in edges:
        if edge.caller in chosen:
            found[edge.caller].add(
                f"> {edge.callee if edge.callee not in chosen else simple_name(edge.callee)}"
            )
        if edge.callee in chosen:
            found[edge.callee].add(
                f"< {edge.caller if edge.caller not in chosen else simple_name(edge.caller)}"
            )
    return found
