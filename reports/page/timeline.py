"""The time line: when each service was at work, true to scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reports.drawing import Sheet
from reports.page.lanes import GUEST_LANE, lane_style, milliseconds
from reports.page.way import Run, Way
from reports.visible_text import visible_line
from tracer.model.hypervisor import HypervisorEvent
from tracer.model.kinds import lane_order

_WIDTH, _LEFT, _RIGHT = 1376, 128, 24
_TRACK, _PAD, _AXIS = 9, 7, 26
_TICKS = 12
_STEPS = (1, 2, 5)


@dataclass
class _Line:
    service: str
    ends: list[int] = field(default_factory=list)
    """For each track, when its last bar ends."""
    bars: list[tuple[int, Run]] = field(default_factory=list)
    """Track and run."""

    @property
    def height(self) -> float:
        return max(1, len(self.ends)) * _TRACK + 2 * _PAD

    def add(self, run: Run) -> None:
        start, end = run.bottom.start_ns, run.bottom.end_ns
        track = next((track for track, busy in enumerate(self.ends) if busy <= start), len(self.ends))
        if track == len(self.ends):
            self.ends.append(0)
        self.ends[track] = end
        self.bars.append((track, run))


def timeline_picture(way: Way, events: Sequence[HypervisorEvent], epoch_ns: int) -> str:
    """Draw the time line.

    Args:
        way: the request's way.
        events: lifecycle events of its guest.
        epoch_ns: Unix time of the request's start in nanoseconds, to place ``events``.
    """
    moments = [(event.time_ns - epoch_ns, event) for event in events]
    begin = min([0, *(run.bottom.start_ns for run in way.runs)])
    end = max([begin + 1, *(run.bottom.end_ns for run in way.runs), *(moment for moment, _ in moments)])
    scale = (_WIDTH - _LEFT - _RIGHT) / (end - begin)
    names = {*way.lanes, *([GUEST_LANE] if events else [])}
    lines = {service: _Line(service) for service in sorted(names, key=lane_order)}
    for run in way.runs:
        lines[run.service].add(run)
    height = sum(line.height for line in lines.values()) + _AXIS
    sheet = Sheet(_WIDTH, height)
    top = 0.0
    for number, line in enumerate(lines.values()):
        style = lane_style(line.service)
        sheet.box(0, top, _WIDTH, line.height, f"strip {'odd' if number % 2 else 'even'}")
        sheet.text(10, top + line.height / 2 - 8, _LEFT, visible_line(line.service), f"lane-label {style}")
        for track, run in line.bars:
            x = _LEFT + (run.bottom.start_ns - begin) * scale
            long = max(1.6, run.bottom.duration_ns * scale)
            bottom = run.bottom
            tip = f"{run.service}: {bottom.link} {bottom.link_detail}, {milliseconds(bottom.duration_ns)} ms"
            y = top + _PAD + track * _TRACK
            sheet.box(x, y, long, _TRACK - 2, f"work quiet {style}", href=f"#span-{run.bottom.id}", tip=tip)
        if line.service == GUEST_LANE:
            for moment, event in moments:
                x = _LEFT + (moment - begin) * scale
                tip = f"guest {event.event} {event.detail}"
                sheet.box(x - 6, top + line.height / 2 - 6, 12, 12, "event", shape="diamond", tip=tip)
        top += line.height
    for tick in _ticks(begin, end):
        x = _LEFT + (tick - begin) * scale
        sheet.box(x, 0, 0.5, top, "tick")
        sheet.text(x - 40, top + 4, 80, _tick_text(tick, end - begin), "time", align="centre")
    return sheet.svg("When each service was at work, true to scale")


def _ticks(begin: int, end: int) -> Iterator[int]:
    power = 1
    while (end - begin) / power > _TICKS * _STEPS[-1] * 2:
        power *= 10
    step = next(
        (unit * power for unit in (*_STEPS, 10, 20) if (end - begin) / (unit * power) <= _TICKS), power * 50
    )
    yield from range(-(-begin // step) * step, end + 1, step)


def _tick_text(tick: int, whole: int) -> str:
    if whole >= 2_000_000_000:
        return f"{tick / 1e9:g} s"
    return f"{tick / 1e6:g} ms"
