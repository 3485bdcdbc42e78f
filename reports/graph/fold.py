"""Keeps a picture small enough to be read: what is farthest from the question is folded, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from reports.graph.gather import Arrow, Arrows, Box
from tracer.model.kinds import CallKind, lane_order

_FOLD_SHARE = 5
"""One in so many boxes may be a fold."""
MOST_ARROWS = 320
"""What an eye can follow, and graphviz lays out in a few seconds."""
_FEWEST = 24
OTHERS = "other packages"
_Group = tuple[str, str, str]


@dataclass(frozen=True)
class Folded:
    """The boxes and arrows that are drawn; ``arrows_left_out`` counts those that are not."""

    boxes: list[Box]
    arrows: Arrows
    boxes_folded: int = 0
    functions_folded: int = 0
    arrows_left_out: int = 0


def fold_to_fit(boxes: list[Box], arrows: Arrows, most: int) -> Folded:
    """Like `fold`, to fewer boxes where there would be more than `MOST_ARROWS` arrows between them."""
    folded = fold(boxes, arrows, most)
    while most and len(folded.arrows) > MOST_ARROWS and most > _FEWEST:
        most = most * 4 // 5
        folded = fold(boxes, arrows, most)
    return folded


def fold(boxes: list[Box], arrows: Arrows, most: int) -> Folded:
    """Put the farthest of ``boxes`` together by package until there are at most ``most``.

    Of the arrows of a fold only the one that stands for the most ways is kept, so that each fold hangs
    where it belongs without hiding the rest.

    Args:
        boxes: all boxes.
        arrows: all arrows between them.
        most: how many boxes there may be; 0 for any number.
    """
    if not most or len(boxes) <= most:
        return Folded(boxes, arrows)
    order = sorted(range(len(boxes)), key=lambda one: (not boxes[one].asked, boxes[one].distance, one))
    room = max(1, most // _FOLD_SHARE)
    kept, rest = order[: most - room], sorted(order[most - room :])
    group_of = _grouping([boxes[one].key for one in rest], room)
    folds: dict[tuple[str, str, str], Box] = {}
    fold_of: dict[int, Box] = {}
    for one in rest:
        key = group_of(boxes[one].key)
        group = folds.setdefault(key, Box(key))
        group.members += boxes[one].members
        group.folded += 1
        group.inside += boxes[one].inside
        group.distance = min(group.distance, boxes[one].distance)
        levels = [level for level in (group.level, boxes[one].level) if level is not None]
        group.level = min(levels, default=None)
        fold_of[one] = group
    drawn = sorted(
        [*(boxes[one] for one in kept), *folds.values()],
        key=lambda box: (lane_order(box.key[0]), box.key, bool(box.folded)),
    )
    place = {id(box): number for number, box in enumerate(drawn)}
    where = {one: place[id(fold_of.get(one, boxes[one]))] for one in range(len(boxes))}
    merged, lost = _merged(drawn, arrows, where)
    return Folded(drawn, merged, len(rest), sum(len(boxes[one].members) for one in rest), lost)


def _merged(drawn: list[Box], arrows: Arrows, where: Mapping[int, int]) -> tuple[Arrows, int]:
    merged: Arrows = {}
    to_folds: Arrows = {}
    for (tail, head, kind), arrow in arrows.items():
        key = (where[tail], where[head], kind)
        if key[0] == key[1]:
            drawn[key[0]].inside += len(arrow.ways)
            continue
        folded = drawn[key[0]].folded or drawn[key[1]].folded
        target = to_folds if folded else merged
        target.setdefault(key, Arrow(kind)).ways.extend(arrow.ways)
    best: dict[int, tuple[tuple[int, int], tuple[int, int, CallKind]]] = {}
    for key, arrow in sorted(to_folds.items()):
        for end, other in (key[:2], key[1::-1]):
            weight = (int(not drawn[other].folded), len(arrow.ways))
            if drawn[end].folded and (end not in best or weight > best[end][0]):
                best[end] = (weight, key)
    chosen = {key for _, key in best.values()}
    merged |= {key: arrow for key, arrow in to_folds.items() if key in chosen}
    lost = sum(len(arrow.ways) for key, arrow in to_folds.items() if key not in chosen)
    return dict(sorted(merged.items())), lost


def _grouping(keys: Iterable[tuple[str, str, str]], room: int) -> Callable[[tuple[str, str, str]], _Group]:
    """Which fold a box goes to: by service and package, the packages as deep as ``room`` folds allow.

    Where even whole packages are too many, the smaller ones share one fold.
    """
    listed = list(keys)
    deepest = max(module.count(".") + 1 for _, module, _ in listed)
    for depth in range(deepest, 0, -1):
        cut = _cut(depth)
        if len({cut(key) for key in listed}) <= room:
            return cut
    sizes = Counter(map(_cut(1), listed))
    largest = sorted(sizes, key=lambda group: (-sizes[group], group))[: room - 1]
    return lambda key: group if (group := _cut(1)(key)) in largest else ("", OTHERS, "")


def _cut(depth: int) -> Callable[[tuple[str, str, str]], _Group]:
    return lambda key: (key[0], ".".join(key[1].split(".")[:depth]), "")
