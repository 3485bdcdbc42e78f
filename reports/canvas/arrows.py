"""Heads of arrows, in any direction; their shapes tell them apart, so that colour is never needed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from reports.canvas.shapes import Dot, Line, Shape

Head = Literal["filled", "open", "double", "hollow", "diamond", "square", "round"]
Point = tuple[float, float]

HEAD_LENGTH, _HALF = 9.0, 4.2


def head_shapes(head: Head, tip: Point, toward: Point, role: str) -> list[Shape]:
    """A head whose point is at ``tip``.

    Args:
        head: its form.
        tip: where it points to.
        toward: the direction as a vector of length 1.
        role: what it is drawn with.
    """

    def at(points: Iterable[Point]) -> tuple[Point, ...]:
        """Points given as (back from the tip, to the right of the direction)."""
        return tuple(
            (
                tip[0] - toward[0] * back - toward[1] * right,
                tip[1] - toward[1] * back + toward[0] * right,
            )
            for back, right in points
        )

    middle = HEAD_LENGTH / 2
    wedge = [(HEAD_LENGTH, -_HALF), (0.0, 0.0), (HEAD_LENGTH, _HALF)]
    match head:
        case "filled":
            return [Line(at(wedge), role, closed=True, filled=True)]
        case "hollow":
            return [Line(at(wedge), role, closed=True)]
        case "open":
            return [Line(at(wedge), role, 1.4)]
        case "double":
            second = [(back + 5, right) for back, right in wedge]
            return [Line(at(wedge), role, 1.4), Line(at(second), role, 1.4)]
        case "diamond":
            kite = [(HEAD_LENGTH, 0.0), (middle, -_HALF), (0.0, 0.0), (middle, _HALF)]
            return [Line(at(kite), role, closed=True, filled=True)]
        case "square":
            corners = [(0.0, -middle), (HEAD_LENGTH, -middle), (HEAD_LENGTH, middle), (0.0, middle)]
            return [Line(at(corners), role, closed=True, filled=True)]
        case "round":
            ((x, y),) = at([(middle, 0.0)])
            return [Dot(x, y, middle, role, filled=False)]
