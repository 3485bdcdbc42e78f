"""Order among the calls of one caller, kept only where the later call depends on the earlier one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from tracer.model.steps import Step
from tracer.regression.flow import Chain

OCCURRENCE = "#"
"""Between a name and its number, where one caller calls it several times: ``save#2``."""


def ordered_pairs(steps: Sequence[Step], tracked: Collection[str]) -> frozenset[Chain]:
    """All pairs of ``tracked`` calls of which the second depends on the first, directly or through others.

    A name that occurs several times is numbered from its second occurrence on.
    """
    counted: Counter[str] = Counter()
    names: list[str] = []
    before: list[int] = []
    for step in steps:
        counted[step.name] += 1
        number = counted[step.name]
        names.append(step.name if number == 1 else f"{step.name}{OCCURRENCE}{number}")
        reached = 0
        for earlier in step.after:
            reached |= before[earlier] | (1 << earlier)
        before.append(reached)
    kept = [position for position, step in enumerate(steps) if step.name and step.name in tracked]
    return frozenset(
        (names[first], names[second])
        for second in kept
        for first in kept
        if first < second and before[second] >> first & 1
    )


def settled(pairs: frozenset[Chain]) -> frozenset[Chain]:
    """The pairs that were seen in one direction only."""
    return frozenset(pair for pair in pairs if pair[::-1] not in pairs)


def chains(pairs: Iterable[Chain]) -> list[list[str]]:
    """As few and as long chains as easily found that imply all of ``pairs``; the same for the same pairs."""
    after: dict[str, set[str]] = {}
    for first, second in pairs:
        after.setdefault(first, set()).add(second)
    direct = {
        first: sorted(
            second
            for second in seconds
            if not any(second in after.get(other, ()) for other in seconds if other != second)
        )
        for first, seconds in sorted(after.items())
    }
    led_to = {second for seconds in direct.values() for second in seconds}
    found = []
    starts = [name for name in direct if name not in led_to] + [name for name in direct if name in led_to]
    for start in starts:
        while direct.get(start):
            chain = [start]
            while following := direct.get(chain[-1]):
                chain.append(following.pop(0))
            found.append(chain)
    return sorted(found)


def implied(listed: Iterable[Sequence[str]]) -> frozenset[Chain]:
    """All pairs that ``listed`` chains imply, also through each other."""
    after: dict[str, set[str]] = {}
    for chain in listed:
        for first, second in pairwise(chain):
            after.setdefault(first, set()).add(second)
    return frozenset((first, second) for first in after for second in _reached(first, after))


def _reached(start: str, after: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for second in after.get(waiting.pop(), ()):
            if second not in seen:
                seen.add(second)
                waiting.append(second)
    return seen


def bare(name: str) -> str:
    """``name`` without the number of its occurrence."""
    return name.partition(OCCURRENCE)[0]
