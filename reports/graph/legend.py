"""What arrows and boxes mean, beneath the picture: only what occurs in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from reports.canvas.arrows import HEAD_LENGTH
from reports.canvas.metrics import text_width
from reports.canvas.shapes import Box, Group, Shape, Text
from reports.graph.looks import LOOKS
from reports.graph.strokes import stroke
from reports.graph.view import DOUBT_WORDS, STANDING_WORDS, View
from tracer.model.kinds import CallKind
from tracer.model.overlaid import Standing

_SMALL = 10.0
_SAMPLE, _SPACE, _LEADING = 50.0, 22.0, 19.0


class _Entry(NamedTuple):
    words: str
    sample: Callable[[float, float], list[Shape]]


def legend(view: View, y: float, width: float, margin: float) -> tuple[Group, float]:
    """The legend, and where it ends.

    Args:
        view: the picture.
        y: where it may begin.
        width: of the drawing.
        margin: left and right of it.
    """
    group = Group("legend", top=y)
    x, baseline = margin, y + 12
    for entry in _entries(view):
        needed = _SAMPLE + text_width(entry.words, _SMALL) + _SPACE
        if x + needed > width and x > margin:
            x, baseline = margin, baseline + _LEADING
        group.shapes += entry.sample(x, baseline - 3.5)
        group.shapes.append(Text(x + _SAMPLE, baseline, entry.words, _SMALL, "ink"))
        x += needed
    group.bottom = baseline + 8
    return group, baseline + 8


def _entries(view: View) -> list[_Entry]:
    entries = [_Entry(LOOKS[kind].words, _line(kind, None)) for kind in view.kinds if kind in LOOKS]
    if view.compared:
        entries += [_Entry(STANDING_WORDS[one], _line(CallKind.CALL, one)) for one in view.standings]
        if any(not node.times for node in view.nodes):
            entries.append(_Entry("did not run", _box("node", dash="3 2")))
    entries += [_Entry(DOUBT_WORDS[doubt], _line(CallKind.CALL, None, doubt)) for doubt in view.doubts]
    if any(node.asked for node in view.nodes):
        entries.append(_Entry("asked for", _box("node", thickness=2.2)))
    if any(node.folded for node in view.nodes):
        entries.append(_Entry("folded: so many in one", _box("fold", stacked=True)))
    if view.remarks:
        entries.append(_Entry("note below", _box("badge", radius=6)))
    return entries


def _line(kind: CallKind, standing: Standing | None, doubt: int = 0) -> Callable[[float, float], list[Shape]]:
    def sample(x: float, y: float) -> list[Shape]:
        end = x + _SAMPLE - 10
        third = (end - HEAD_LENGTH - x) / 3
        points = tuple((x + third * step, y) for step in range(4))
        return stroke(points, (end, y), LOOKS[kind], standing, doubt)

    return sample


def _box(
    role: str, *, dash: str = "", thickness: float = 1, stacked: bool = False, radius: float = 2
) -> Callable[[float, float], list[Shape]]:
    def sample(x: float, y: float) -> list[Shape]:
        front = Box(x + 12, y - 6, 24, 12, role, radius, dash, thickness)
        return [Box(x + 15, y - 9, 24, 12, role, radius), front] if stacked else [front]

    return sample
