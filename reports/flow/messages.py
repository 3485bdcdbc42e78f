"""The arrow of one row: straight, through the broker, or a loop within a lane."""

from __future__ import annotations

from dataclasses import dataclass

from reports.canvas.arrows import Point
from reports.canvas.shapes import Dot, Shape
from reports.flow.labels import ends_of, passes_broker
from reports.flow.lanes import BAR, LOOP, START_LENGTH, Placement
from reports.flow.looks import ANSWER, LOOKS, arrow, line_role
from reports.flow.model import Kind, Mark, Step

HAIRPIN = 9.0
"""Height between the two legs of an arrow that goes to the broker and back."""


@dataclass(frozen=True)
class Row:
    """A row's top, its height, and the height of the words in it."""

    top: float
    height: float
    words: float

    @property
    def line(self) -> float:
        """Where a straight arrow runs: under the words."""
        return self.top + self.height - 2


def message_shapes(
    mark: Mark, row: Row, place: Placement, broker: int | None, *, sender_closed: bool
) -> tuple[list[Shape], float]:
    """Draw the arrow of ``mark``.

    Args:
        mark: what the row shows.
        row: where it is.
        place: where lanes and bars are.
        broker: index of the broker's lane.
        sender_closed: the sender's work had ended by then.

    Returns:
        The shapes, and the height at which the arrow reaches its target.
    """
    step = mark.step
    look = ANSWER if mark.is_answer else LOOKS[step.kind]
    role = line_role(step.kind)
    if step.kind is Kind.EVENT:
        return _event(step, row, place)
    leaves, arrives = ends_of(mark)
    if step.origin is None or step.source is None:
        left, _ = place.bar(step)
        y = row.top + 8
        return arrow(((left - START_LENGTH, y), (left, y)), look, role), y
    sender, receiver = place.bar(step.source), place.bar(step)
    if sender_closed and leaves == arrives and not passes_broker(step, broker) and mark.is_begin:
        begin = (receiver[0] - START_LENGTH, row.line)
        shapes = arrow((begin, (receiver[0], row.line)), look, role)
        return [*shapes, Dot(*begin, 3, role, filled=False)], row.line
    if mark.is_answer:
        sender, receiver = receiver, sender
    if step.kind is Kind.LOCAL and leaves == arrives and step.depth:
        y = row.top + 4
        out = receiver[1] + LOOP
        loop = ((sender[1], y), (out, y), (out, y + LOOP - 3), (receiver[1], y + LOOP - 3))
        return arrow(loop, look, role), y + LOOP - 3
    late = sender_closed and mark.is_begin
    if late:
        centre = sender[0] + BAR / 2
        sender = (centre - 3, centre + 3)
    passing: list[Shape] = []
    points: tuple[Point, ...]
    if passes_broker(step, broker) and broker is not None:
        points = _through(place.lanes[broker].centre, sender, receiver, row)
        passing.append(Dot(place.lanes[broker].centre, (points[0][1] + points[-1][1]) / 2, 3.5, role))
    elif receiver[0] >= sender[1]:
        points = ((sender[1], row.line), (receiver[0], row.line))
    else:
        points = ((sender[0], row.line), (receiver[1], row.line))
    if late:
        passing.append(Dot((sender[0] + sender[1]) / 2, points[0][1], 3, role, filled=False))
    return [*arrow(points, look, role), *passing], points[-1][1]


def _through(centre: float, sender: Point, receiver: Point, row: Row) -> tuple[Point, ...]:
    """The way from bar to bar through the broker's lane; a hairpin where both are on one side of it."""
    sender_left, receiver_left = sender[0] < centre, receiver[0] < centre
    start = sender[1] if sender_left else sender[0]
    end = receiver[1] if receiver_left else receiver[0]
    if sender_left != receiver_left:
        return (start, row.line), (end, row.line)
    above = row.line - HAIRPIN
    return (start, above), (centre, above), (centre, row.line), (end, row.line)


def _event(step: Step, row: Row, place: Placement) -> tuple[list[Shape], float]:
    assert step.origin is not None
    source, target = place.lanes[step.origin].centre, place.lanes[step.lane].centre
    points = ((source, row.line), (target + (4 if source > target else -4), row.line))
    mark: list[Shape] = [Dot(source, row.line, 3.5, line_role(Kind.EVENT), filled=False)]
    return [*mark, *arrow(points, LOOKS[Kind.EVENT], line_role(Kind.EVENT))], row.line
