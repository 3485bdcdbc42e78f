"""Gives a flow diagram its geometry: rows in recorded order, words beside arrows, no overlaps."""

from __future__ import annotations

import math
from enum import StrEnum

from reports.canvas.shapes import Box, Drawing, Group, Line, Text
from reports.flow.frame import MARGIN, foot, heading, note_group
from reports.flow.labels import (
    LABEL_LEADING,
    LABEL_SIZE,
    SMALL_LEADING,
    SMALL_SIZE,
    Label,
    clock,
    footnotes,
    gap_of,
    label_of,
)
from reports.flow.lanes import BAR, DETAIL_SIZE, HEADER_SIZE, Placement, gap_widths
from reports.flow.messages import HAIRPIN, Row, message_shapes
from reports.flow.model import BROKER, Flow, Kind, Mark, Step

TIME_WIDTH = 108.0
PAGE_HEIGHT = 1_060.0
"""After about so many pixels the lanes' headers are repeated."""
_LONGEST_PAGE, _SHORTEST_PAGE = 1.3, 0.3
_NOTE_WIDTH = 250.0
_NOTE_LAG = 70.0
_ROW_GAP = 5.0
_END_GAP = 2.0
_PAGE_EDGE = 10.0


class TimeScale(StrEnum):
    """How far rows stand apart."""

    EVEN = "even"
    """One after the other."""
    SCALE = "scale"
    """In addition, by the time that passed between them."""


def lay_out(flow: Flow, time: TimeScale = TimeScale.EVEN) -> Drawing:
    """Place everything that ``flow`` holds.

    Args:
        flow: the diagram.
        time: how far rows stand apart.
    """
    return _Layout(flow, time).drawing()


class _Layout:
    def __init__(self, flow: Flow, time: TimeScale) -> None:
        self._flow = flow
        self._broker = flow.lane_of(BROKER)
        rows = [mark for mark in flow.marks if not mark.is_end]
        self._labels: dict[tuple[int, bool], Label] = {
            (id(mark.step), mark.is_answer): label_of(mark) for mark in rows
        }
        needs = [
            (gap_of(mark.step, self._broker)[0], self._labels[id(mark.step), mark.is_answer].width + 16)
            for mark in rows
        ]
        self._place = Placement(flow, gap_widths(needs), MARGIN + TIME_WIDTH)
        self._has_notes = any(step.note for step in flow.steps)
        self._right = self._place.right + MARGIN
        self._width = self._right + (_NOTE_WIDTH + MARGIN if self._has_notes else 0)
        self._width = max(self._width, 640.0)
        self._groups: list[Group] = []
        self._bars: list[Group] = []
        self._bar_top: dict[int, float] = {}
        self._closed: set[int] = set()
        self._answered: dict[int, tuple[int, float]] = {}
        self._note_bottom = 0.0
        self._breaks: list[float] = []
        self._header_height = self._measure_header()
        even = sum(self._height(mark) for mark in rows)
        self._stretch = max(400.0, even * 0.6) / max(1, flow.total_ns) if time is TimeScale.SCALE else 0.0
        rows_height = even + self._stretch * flow.total_ns
        pages = max(1, math.ceil(rows_height / (PAGE_HEIGHT * _LONGEST_PAGE)))
        self._page = rows_height / pages if pages < 3 else PAGE_HEIGHT
        self._page_end = math.inf
        self._rows_left = rows_height

    def drawing(self) -> Drawing:
        """The finished drawing."""
        flow = self._flow
        top, y = heading(flow, self._width, self._stretch)
        self._groups.append(top)
        lanes_top = y
        y = self._header(y)
        self._page_end = y + self._page + PAGE_HEIGHT / 20
        before = 0
        for mark in flow.marks:
            y += max(0, mark.time_ns - before) * self._stretch
            before = max(before, mark.time_ns)
            y = self._mark(mark, y)
        y = max(y + 12, self._note_bottom + 8)
        self._guests(y)
        lifelines = self._lifelines(lanes_top, y)
        labels = {step: label for (step, is_answer), label in self._labels.items() if not is_answer}
        end, y = foot(flow, footnotes(flow, labels), y, self._width)
        for group in (*self._bars, *self._groups):
            group.top, group.bottom = (group.top, group.bottom) if group.bottom else (0.0, y)
        return Drawing(
            width=round(self._width, 1),
            height=round(y + MARGIN, 1),
            title=flow.title,
            description=" ".join([flow.version, *flow.statements]),
            groups=[lifelines, *self._bars, *self._groups, *end],
            breaks=self._breaks,
        )

    def _mark(self, mark: Mark, y: float) -> float:
        step = mark.step
        if mark.is_end:
            return self._end(mark, y)
        height = self._height(mark)
        if y + height > self._page_end and self._rows_left > _SHORTEST_PAGE * PAGE_HEIGHT:
            y = max(y, self._note_bottom)
            if not self._flow.one_page:
                self._breaks.append(y + _PAGE_EDGE)
            y = self._header(y + 2 * _PAGE_EDGE)
            self._page_end = y + self._page
        if step.note and mark.is_begin:
            y = max(y, self._note_bottom - _NOTE_LAG)
        self._rows_left -= height
        group = Group(
            name="answer" if mark.is_answer else "step",
            title=self._title(mark),
            step=step.number,
            function=step.function,
            top=y - _ROW_GAP,
            bottom=y + height + _ROW_GAP,
        )
        self._words(mark, y, group)
        row = Row(y, height - _ROW_GAP, self._labels[id(step), mark.is_answer].height)
        sender_closed = step.source is not None and id(step.source) in self._closed
        shapes, reaches = message_shapes(mark, row, self._place, self._broker, sender_closed=sender_closed)
        group.shapes += shapes
        self._groups.append(group)
        if mark.is_answer:
            self._answered[id(step)] = (mark.time_ns, row.line)
        else:
            self._bar_top[id(step)] = reaches
            if step.note:
                note_y = max(y, self._note_bottom)
                note, self._note_bottom = note_group(step, self._right, note_y, _NOTE_WIDTH)
                self._groups.append(note)
        return y + height

    def _end(self, mark: Mark, y: float) -> float:
        """End the bar of a step: at its answer if that was the last of it, else where the rows are by now."""
        answer = self._answered.get(id(mark.step))
        if answer is not None and answer[0] == mark.time_ns:
            self._close(mark.step, answer[1])
            return y
        self._close(mark.step, y)
        return y + _END_GAP

    def _height(self, mark: Mark) -> float:
        label = self._labels[id(mark.step), mark.is_answer]
        step = mark.step
        hairpin = HAIRPIN if step.brokered and not self._broker_between(step) else 0.0
        if step.kind in (Kind.LOCAL, Kind.START) and mark.is_begin:
            return max(label.height, 17.0) + _ROW_GAP
        return label.height + 6 + hairpin + _ROW_GAP

    def _broker_between(self, step: Step) -> bool:
        if self._broker is None or step.origin is None:
            return True
        return min(step.origin, step.lane) < self._broker < max(step.origin, step.lane)

    def _words(self, mark: Mark, y: float, group: Group) -> None:
        step, label = mark.step, self._labels[id(mark.step), mark.is_answer]
        gap, right_of = gap_of(step, self._broker)
        lanes = self._place.lanes
        x = lanes[gap - 1].right + 8 if right_of else lanes[gap].left - 8
        baseline = y
        for line in label.lines:
            baseline += LABEL_LEADING
            group.shapes.append(
                Text(x, baseline - 3, line, LABEL_SIZE, "ink", "start" if right_of else "end")
            )
        for line in label.small:
            baseline += SMALL_LEADING
            group.shapes.append(
                Text(x, baseline - 3, line, SMALL_SIZE, "muted", "start" if right_of else "end")
            )
        time_y = y + (LABEL_LEADING if label.lines else SMALL_LEADING) - 3
        right = MARGIN + TIME_WIDTH - 14
        group.shapes.append(Text(right, time_y, clock(mark.time_ns), SMALL_SIZE, "muted", "end"))
        if mark.is_begin:
            group.shapes.append(Text(MARGIN, time_y, f"{step.number}", SMALL_SIZE, "ink", bold=True))

    def _title(self, mark: Mark) -> str:
        step, lanes = mark.step, self._flow.lanes
        target = lanes[step.lane].name
        origin = target if step.origin is None else lanes[step.origin].name
        what = f"{step.number}. {step.kind} {origin} → {target}: {step.label}"
        if mark.is_answer:
            what = f"answer to {what}"
        return "\n".join(part for part in (what, step.function, step.detail) if part)

    def _close(self, step: Step, y: float) -> None:
        self._closed.add(id(step))
        top = self._bar_top.pop(id(step), None)
        if top is None or step.kind is Kind.EVENT:
            return
        left, _ = self._place.bar(step)
        bottom = max(y, top + 4)
        role = "bar-failed" if step.failure else "bar"
        box = Box(left, top, BAR, bottom - top, role)
        title = f"{step.number}. {step.function}\n{step.detail}"
        self._bars.append(Group("bar", title, step.number, shapes=[box], top=top, bottom=bottom))

    def _guests(self, bottom: float) -> None:
        """Bars for the time in which a guest ran, between the events that say so."""
        running: dict[str, Step] = {}
        for step in self._flow.steps:
            name = step.label.split(" ")[0]
            if step.kind is not Kind.EVENT:
                continue
            if name == "started":
                running.setdefault(step.detail, step)
            elif name == "stopped" and step.detail in running:
                self._guest(running.pop(step.detail), self._bar_top[id(step)])
        for step in running.values():
            self._guest(step, bottom)

    def _guest(self, started: Step, bottom: float) -> None:
        assert started.origin is not None
        top = self._bar_top[id(started)]
        left = self._place.lanes[started.origin].centre - BAR / 2
        box = Box(left, top, BAR, bottom - top, "bar")
        self._bars.append(Group("bar", started.detail, shapes=[box], top=top, bottom=bottom))

    def _lifelines(self, top: float, bottom: float) -> Group:
        shapes = [
            Line(((place.centre, top + 4), (place.centre, bottom)), "lifeline", 1, "2 3")
            for place in self._place.lanes
        ]
        self._bars.sort(
            key=lambda group: (group.shapes[0].x if isinstance(group.shapes[0], Box) else 0, group.top)
        )
        return Group("lifelines", shapes=list(shapes), top=top, bottom=bottom)

    def _measure_header(self) -> float:
        return max((len(p.name) * 15 + len(p.details) * 12 + 10 for p in self._place.lanes), default=0.0)

    def _header(self, y: float) -> float:
        """Draw the lanes' names at ``y``; returns where rows may begin."""
        group = Group("header", top=y, bottom=y + self._header_height)
        height = self._header_height
        for place in self._place.lanes:
            width = place.header_width
            group.shapes.append(Box(place.centre - width / 2, y, width, height, "header", 3))
            baseline = y + 3 + (height - 6 - len(place.name) * 15 - len(place.details) * 12) / 2
            for line in place.name:
                baseline += 15
                group.shapes.append(
                    Text(place.centre, baseline - 3.5, line, HEADER_SIZE, "ink", "middle", bold=True)
                )
            for line in place.details:
                baseline += 12
                group.shapes.append(Text(place.centre, baseline - 3, line, DETAIL_SIZE, "muted", "middle"))
        self._groups.append(group)
        return y + height + 10
