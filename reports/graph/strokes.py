"""One arrow along a curve."""

from __future__ import annotations

import math

from reports.canvas.arrows import HEAD_LENGTH, Point, head_shapes
from reports.canvas.shapes import Curve, Dot, Line, Shape
from reports.graph.looks import HOLLOW, PLAIN_THICKNESS, THICKNESS, Look
from tracer.model.overlaid import Standing

_BAR, _BARS_APART = 4.0, 3.2


def stroke(
    points: tuple[Point, ...], tip: Point, look: Look, standing: Standing | None, doubt: int = 0
) -> list[Shape]:
    """An arrow along a curve.

    Args:
        points: of the curve.
        tip: where the head points to.
        look: of its kind.
        standing: None where nothing is compared.
        doubt: how many bars go across its middle.
    """
    before = points[-1]
    length = math.dist(before, tip)
    toward = ((tip[0] - before[0]) / length, (tip[1] - before[1]) / length) if length else (0.0, 1.0)
    thickness = PLAIN_THICKNESS if standing is None else THICKNESS[standing]
    gap = 1.0 if look.head in ("open", "double") else HEAD_LENGTH
    end = (tip[0] - toward[0] * gap, tip[1] - toward[1] * gap)
    shapes: list[Shape] = [Curve(points, look.role, thickness, look.dash)]
    if math.dist(before, end) > 0.5:
        shapes.append(Line((before, end), look.role, thickness))
    if standing is Standing.UNPREDICTED:
        shapes.append(Curve(points, "ground", HOLLOW))
        if math.dist(before, end) > 0.5:
            shapes.append(Line((before, end), "ground", HOLLOW))
    if look.tail:
        shapes.append(Dot(*_along(points[0], points[1], 3), 3, look.role))
    return shapes + _bars(points, look.role, doubt) + head_shapes(look.head, tip, toward, look.role)


def _bars(points: tuple[Point, ...], role: str, count: int) -> list[Shape]:
    """Bars across the middle of a curve."""
    if not count or len(points) < 4:
        return []
    start = (len(points) - 1) // 3 // 2 * 3
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = points[start : start + 4]
    x, y = (ax + 3 * bx + 3 * cx + dx) / 8, (ay + 3 * by + 3 * cy + dy) / 8
    along = (dx + cx - bx - ax, dy + cy - by - ay)  # of the curve's direction in its middle (Bézier, t = 1/2)
    length = math.hypot(*along) or 1.0
    ux, uy = along[0] / length, along[1] / length
    bars: list[Shape] = []
    for number in range(count):
        far = (number - (count - 1) / 2) * _BARS_APART
        mx, my = x + ux * far, y + uy * far
        ends = ((mx - uy * _BAR, my + ux * _BAR), (mx + uy * _BAR, my - ux * _BAR))
        bars.append(Line(ends, role, PLAIN_THICKNESS))
    return bars


def _along(start: Point, toward: Point, far: float) -> Point:
    length = math.dist(start, toward) or 1.0
    return start[0] + (toward[0] - start[0]) * far / length, start[1] + (toward[1] - start[1]) * far / length
