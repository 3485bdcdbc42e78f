"""How each kind of arrow looks: by line and head first, so that colour is never needed to tell them apart."""

from __future__ import annotations

from dataclasses import dataclass

from reports.canvas.arrows import HEAD_LENGTH, Head, Point, head_shapes
from reports.canvas.shapes import Dot, Line, Shape
from reports.flow.model import Kind


@dataclass(frozen=True)
class Look:
    """A line's thickness and dashes, its head, the mark at its tail, and what it is called in the legend."""

    words: str
    head: Head
    thickness: float = 1.4
    dash: str = ""
    tail: bool = False


LOOKS = {
    Kind.START: Look("begin of the request, or of work whose sender is not shown", "filled", tail=True),
    Kind.HTTP: Look("HTTP request", "filled", 1.6),
    Kind.CALL: Look("RPC call through the broker, answered", "filled", 1.6, tail=True),
    Kind.CAST: Look("RPC cast through the broker, not answered", "open", 1.6, "9 4"),
    Kind.FANOUT: Look("RPC fanout through the broker, to all", "double", 1.6, "9 4"),
    Kind.SPAWN: Look("work given to another thread", "hollow", 1.4, "2 3"),
    Kind.PRIVSEP: Look("call into the privileged helper", "diamond", 1.4, "9 3 2 3"),
    Kind.NATIVE: Look("call through libvirt's library", "square", 2.4),
    Kind.DATABASE: Look("data access", "round", 1.2),
    Kind.LOCAL: Look("call in the same thread", "filled", 1.1),
    Kind.EVENT: Look("event, as libvirt reported it", "open", 1.6, "9 3 2 3 2 3"),
}
ANSWER = Look("answer", "open", 1.0, "4 3")


def line_role(kind: Kind) -> str:
    """The role of everything that an arrow of ``kind`` is drawn with."""
    return f"line-{kind.value}"


def arrow(points: tuple[Point, ...], look: Look, role: str) -> list[Shape]:
    """An arrow through ``points``, whose last part is horizontal and whose tip is the last point."""
    (before_x, _), (tip_x, tip_y) = points[-2], points[-1]
    toward = 1.0 if tip_x > before_x else -1.0
    shapes: list[Shape] = []
    ends_at = tip_x - toward * (HEAD_LENGTH if look.head not in ("open", "double") else 1)
    if (ends_at - before_x) * toward < 0:
        ends_at = before_x
    shapes.append(Line((*points[:-1], (ends_at, tip_y)), role, look.thickness, look.dash))
    if look.tail:
        shapes.append(Dot(points[0][0] + (3 if points[1][0] > points[0][0] else -3), points[0][1], 3, role))
    return shapes + head_shapes(look.head, (tip_x, tip_y), (toward, 0.0), role)
