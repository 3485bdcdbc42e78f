"""The time line: when each service was at work, true to scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from reports.drawing import Sheet
from reports.page.lanes import GUEST_LANE, lane_style, milliseconds
from reports.visible_text import visible_line
from reports.way import Run, Way
from tracer.model.hypervisor import HypervisorEvent
from tracer.model.kinds import lane_order

_WIDTH, _LEFT, _RIGHT = 1376, 128, 42
_TRACK, _PAD, _AXIS = 9, 7, 26
_TICKS = 12
_GAP = 0.5
"""Pixels; bars closer to each other are drawn as one."""
MOST_TRACKS = 24
"""Bars above each other in a service's line; what runs beside so many others joins the last of them."""
_STEPS = (1, 2, 5)


@dataclass
class _Bar:
    run: Run
    end: int
    runs: int = 1
    """Runs that are drawn as this bar, because the eye could not tell them apart."""


@dataclass
class _Line:
    service: str
    tracks: list[list[_Bar]] = field(default_factory=list)

    @property
    def height(self) -> float:
        return max(1, len(self.tracks)) * _TRACK + 2 * _PAD

    def add(self, run: Run, gap_ns: float) -> None:
        start, end = run.bottom.start_ns, run.bottom.end_ns
        free = (track for track in self.tracks if track[-1].end <= start)
        track = next(free, self.tracks[-1] if len(self.tracks) == MOST_TRACKS else [])
        if not track:
            self.tracks.append(track)
        elif start < track[-1].end + gap_ns:
            track[-1].end = max(track[-1].end, end)
            track[-1].runs += 1
            return
        track.append(_Bar(run, end))


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
        lines[run.service].add(run, _GAP / scale)
    height = sum(line.height for line in lines.values()) + _AXIS
    sheet = Sheet(_WIDTH, height)
    top = 0.0
    for number, line in enumerate(lines.values()):
        style = lane_style(line.service)
        sheet.box(0, top, _WIDTH, line.height, f"strip {'odd' if number % 2 else 'even'}")
        sheet.text(10, top + line.height / 2 - 8, _LEFT, visible_line(line.service), f"lane-label {style}")
        for track, bars in enumerate(line.tracks):
            for bar in bars:
                x = _LEFT + (bar.run.bottom.start_ns - begin) * scale
                long = max(1.6, (bar.end - bar.run.bottom.start_ns) * scale)
                y = top + _PAD + track * _TRACK
                href = f"#span-{bar.run.bottom.id}"
                sheet.box(x, y, long, _TRACK - 2, f"work quiet {style}", href=href, tip=_tip(bar))
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


def _tip(bar: _Bar) -> str:
    bottom = bar.run.bottom
    if bar.runs > 1:
        first = f"{bottom.link} {bottom.link_detail}"
        return f"{bar.run.service}: {bar.runs:,} runs close together, the first {first}"
    return f"{bar.run.service}: {bottom.link} {bottom.link_detail}, {milliseconds(bottom.duration_ns)} ms"


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
