"""Which spans of a tree to show, and how many stay hidden where."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from tracer.model.request_tree import RequestTree


@dataclass(frozen=True)
class Wanted:
    """What to show: spans of these services (empty: all), to this depth (0: all), with matching names."""

    services: Collection[str] = ()
    depth: int = 0
    pattern: re.Pattern[str] | None = None


@dataclass
class Selection:
    """The spans to show of a tree.

    ``depth`` holds for each span id the number of shown spans above it, plus 1, or 0 for a hidden span.
    ``matched`` counts the shown spans that were asked for, not brought along as context. ``below`` counts,
    under each shown span's id, the hidden spans whose nearest shown ancestor it is; its key 0 counts those
    that have none. ``context`` holds the ids of spans shown only because a match is below them. The last
    three count why spans are hidden.
    """

    depth: list[int]
    shown: int = 0
    matched: int = 0
    below: dict[int, int] = field(default_factory=dict)
    context: set[int] = field(default_factory=set)
    by_service: int = 0
    by_pattern: int = 0
    by_depth: int = 0

    @property
    def hidden(self) -> int:
        """How many spans are not shown."""
        return self.by_service + self.by_pattern + self.by_depth


def select(tree: RequestTree, wanted: Wanted) -> Selection:
    """Choose the spans of ``tree`` that ``wanted`` asks for.

    A span that matches the pattern brings along those above it, of the wanted services, as context. Depth
    counts the shown spans only.
    """
    spans = tree.spans
    total = len(spans)
    allowed = bytearray([1]) * (total + 1)
    allowed[0] = 0
    if wanted.services:
        for span in spans:
            allowed[span.id] = span.service in wanted.services
    kept = bytearray(allowed)
    context: set[int] = set()
    if wanted.pattern is not None:
        context = _keep_matches(tree, wanted.pattern, allowed, kept)
    result = Selection([0] * (total + 1), context=context)
    result.by_service = total - sum(allowed)
    result.by_pattern = sum(allowed) - sum(kept)
    level = [0] * (total + 1)
    nearest = [0] * (total + 1)
    for span in spans:
        number, parent = span.id, span.parent
        level[number] = level[parent] + kept[number]
        if kept[number] and not (wanted.depth and level[number] > wanted.depth):
            result.depth[number] = level[number]
            result.shown += 1
            result.matched += number not in context
            nearest[number] = number
            continue
        result.by_depth += kept[number]
        above = nearest[number] = nearest[parent]
        result.below[above] = result.below.get(above, 0) + 1
    return result


def _keep_matches(
    tree: RequestTree, pattern: re.Pattern[str], allowed: bytearray, kept: bytearray
) -> set[int]:
    """Keep the matching spans and those above them; returns the ids of the latter."""
    named = [pattern.search(function.id) is not None for function in tree.functions]
    context: set[int] = set()
    nearest = [0] * len(allowed)
    for span in tree.spans:
        nearest[span.id] = span.parent if allowed[span.parent] else nearest[span.parent]
        kept[span.id] &= named[span.function] or pattern.search(span.link_detail) is not None
    for span in reversed(tree.spans):
        above = nearest[span.id]
        if kept[span.id] and above and not kept[above]:
            kept[above] = 1
            context.add(above)
    return context
