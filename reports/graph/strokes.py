"""One arrow along a curve."""

from __future__ import annotations

import math

from reports.canvas.arrows import HEAD_LENGTH, Point, head_shapes
from reports.canvas.shapes import Curve, Dot, Line, Shape
from reports.graph.looks import HOLLOW, PLAIN_THICKNESS, THICKNESS, Look
from tracer.model.overlaid import Standing


def stroke(points: tuple[Point, ...], tip: Point, look: Look, standing: Standing | None) -> list[Shape]:
    """An arrow along a curve, whose head points to ``tip``; no ``standing`` where nothing is compared."""
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
    return shapes + head_shapes(look.head, tip, toward, look.role)


def _along(start: Point, toward: Point, far: float) -> Point:
    length = math.dist(start, toward) or 1.0
    return start[0] + (toward[0] - start[0]) * far / length, start[1] + (toward[1] - start[1]) * far / length
