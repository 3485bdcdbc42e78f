"""Keeps a picture small enough to be read: what is farthest from the question is folded, and counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

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


def fold_to_fit(boxes: list[Box], arrows: Arrows, most: int, most_arrows: int = MOST_ARROWS) -> Folded:
    """Fold the farthest of ``boxes`` until ``most`` are left and there are at most ``most_arrows`` arrows.

    Args:
        boxes: all boxes.
        arrows: all arrows between them.
        most: how many boxes there may be; 0 for any number, with any number of arrows.
        most_arrows: how many arrows there may be.
    """
    folded = Folded(boxes, arrows)
    limit = min(most, len(boxes))
    while most and not _fits(folded, most, most_arrows):
        order = sorted(range(len(boxes)), key=lambda one: (not boxes[one].asked, boxes[one].distance, one))
        room = max(1, limit // _FOLD_SHARE)
        folded = fold(boxes, arrows, order[limit - room :], room)
        limit = limit * 4 // 5
    return folded


def _fits(folded: Folded, most: int, most_arrows: int) -> bool:
    if len(folded.boxes) > most:
        return False
    return len(folded.arrows) <= most_arrows or len(folded.boxes) <= _FEWEST


def thinned(folded: Folded, most: int) -> tuple[Folded, int]:
    """The ``most`` arrows that stand for the most calls, and how many calls the others stand for."""
    ranked = sorted(folded.arrows, key=lambda key: (-len(folded.arrows[key].ways), key))
    kept = set(ranked[:most])
    lost = sum(len(folded.arrows[key].ways) for key in ranked[most:])
    arrows = {key: arrow for key, arrow in folded.arrows.items() if key in kept}
    return replace(folded, arrows=arrows), lost


def fold(boxes: list[Box], arrows: Arrows, rest: Iterable[int], room: int) -> Folded:
    """Put ``rest`` of ``boxes`` together by package.

    Of the arrows of a fold only the one that stands for the most ways is kept, so that each fold hangs
    where it belongs without hiding the rest.

    Args:
        boxes: all boxes.
        arrows: all arrows between them.
        rest: indices of those to fold.
        room: how many folds there may be.
    """
    folding = sorted(rest)
    group_of = _grouping([boxes[one].key for one in folding], room)
    folds: dict[_Group, Box] = {}
    fold_of: dict[int, Box] = {}
    for one in folding:
        box = boxes[one]
        key = group_of(box.key)
        group = folds.setdefault(key, Box(key))
        group.members += box.members
        group.folded += box.folded or 1
        group.inside += box.inside
        group.distance = min(group.distance, box.distance)
        levels = [level for level in (group.level, box.level) if level is not None]
        group.level = min(levels, default=None)
        fold_of[one] = group
    drawn = [*(box for one, box in enumerate(boxes) if one not in fold_of), *folds.values()]
    drawn.sort(key=lambda box: (lane_order(box.key[0]), box.key, bool(box.folded)))
    place = {id(box): number for number, box in enumerate(drawn)}
    where = {one: place[id(fold_of.get(one, box))] for one, box in enumerate(boxes)}
    merged, lost = _merged(drawn, arrows, where)
    return Folded(drawn, merged, len(folding), sum(len(boxes[one].members) for one in folding), lost)


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

    Where one level gives too few folds and the next too many, the smaller ones of the next share one.
    """
    listed = list(keys)
    deepest = max(module.count(".") + 1 for _, module, _ in listed)
    for depth in range(deepest, 0, -1):
        count = len({_cut(depth)(key) for key in listed})
        if count <= room:
            if depth == deepest or 2 * count >= room:
                return _cut(depth)
            break
    else:
        depth = 0
    cut = _cut(depth + 1)
    sizes = Counter(map(cut, listed))
    largest = set(sorted(sizes, key=lambda group: (-sizes[group], group))[: room - 1])
    return lambda key: group if (group := cut(key)) in largest else ("", OTHERS, "")


def _cut(depth: int) -> Callable[[tuple[str, str, str]], _Group]:
    return lambda key: (key[0], ".".join(key[1].split(".")[:depth]), "")
