"""The lanes picture: a column per service, time downwards, every link of the request a numbered arrow."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reports.drawing import Sheet
from reports.visible_text import fitted, visible_line
from reports.visible_text import width as columns_of
from reports.way import Fold, Run, Way, folded
from tracer.model.hypervisor import HypervisorEvent
from tracer.model.kinds import SERVICES, Link

LOOKS: Mapping[Link, Mapping[str, str]] = {
    Link.HTTP: {"style": "solid", "arrowhead": "normal"},
    Link.RPC_CALL: {"style": "solid", "arrowhead": "vee"},
    Link.RPC_CAST: {"style": "dashed", "arrowhead": "vee"},
    Link.RPC_FANOUT: {"style": "dashed", "arrowhead": "veevee"},
    Link.SPAWN: {"style": "dotted", "arrowhead": "onormal"},
    Link.PRIVSEP: {"style": "bold", "arrowhead": "diamond"},
    Link.NATIVE: {"style": "bold", "arrowhead": "obox"},
    Link.PLAIN: {"style": "solid", "arrowhead": "none"},
}
"""Each kind of link differs in line and head, so that colour is never needed to tell them apart."""

GUEST_LANE = "qemu"
"""Where the guest's lifecycle events are shown."""
MOST_ROWS = 1_500
MOST_TRACKS = 12
"""Bars side by side in a lane; what runs beside so many others is drawn over the last of them."""
ROW = 22
_NUMBER_X, _TIME_END, _KIND_X, _WHAT_X = 10, 106, 118, 192
_WHAT_WIDTH, _WIDEST_WHAT, _SHEET_WIDTH = 214, 460, 1_382
"""The text takes what the lanes leave of the usual width, within these bounds."""
_CHAR = 7.0
_TRACK, _LANE_PAD, _NARROWEST = 15, 18, 64
_HEAD = 44


@dataclass
class _Bar:
    run: Run
    first: int
    last: int
    """Rows in which the run, or those folded into the same row, were at work."""
    until: int = field(init=False)
    """The last row in which something leaves it: a message may be taken up after its sender has ended."""
    track: int = 0

    def __post_init__(self) -> None:
        self.until = self.last


@dataclass
class _Lane:
    service: str
    bars: list[_Bar] = field(default_factory=list)
    tracks: int = 1
    x: float = 0
    width: float = 0


_Bars = Mapping[int, tuple[_Lane, _Bar]]
"""Where each run is drawn, by its identity."""


@dataclass(frozen=True)
class Picture:
    """The two parts of a picture whose upper part stays in sight while the lower one is scrolled."""

    head: str
    body: str
    width: float
    rows: int
    left_out: int
    """Rows beyond `MOST_ROWS` that the picture does not hold."""


@dataclass(frozen=True)
class _Row:
    time_ns: int
    fold: Fold | None = None
    event: HypervisorEvent | None = None
    orphan: Run | None = None

    @property
    def runs(self) -> list[Run]:
        """The runs that begin in this row."""
        if self.fold is not None:
            return [hop.run for hop in self.fold.hops]
        return [self.orphan] if self.orphan is not None else []


def lanes_picture(way: Way, events: Sequence[HypervisorEvent], epoch_ns: int) -> Picture:
    """Draw the lanes.

    Args:
        way: the request's way.
        events: lifecycle events of its guest, drawn in the hypervisor's lane.
        epoch_ns: Unix time of the request's start in nanoseconds, to place ``events``.
    """
    rows = [_Row(fold.first.span.start_ns, fold) for fold in folded(way.hops)]
    rows += [_Row(run.bottom.start_ns, orphan=run) for run in way.orphans]
    rows += [_Row(event.time_ns - epoch_ns, event=event) for event in events]
    rows.sort(key=lambda row: row.time_ns)
    left_out = max(0, len(rows) - MOST_ROWS)
    rows = rows[:MOST_ROWS]
    home = GUEST_LANE if events else ""
    lanes, bars = _lanes(way, rows, home)
    width = lanes[-1].x + lanes[-1].width
    return Picture(
        head=_head(lanes, width),
        body=_body(rows, lanes, bars, width, home),
        width=width,
        rows=len(rows),
        left_out=left_out,
    )


def milliseconds(time_ns: int) -> str:
    """``time_ns`` in milliseconds: ``1,234.5``."""
    return f"{time_ns / 1e6:,.1f}"


def _lanes(way: Way, rows: Sequence[_Row], home: str) -> tuple[list[_Lane], _Bars]:
    times = [row.time_ns for row in rows]
    bars: dict[int, _Bar] = {id(way.root): _Bar(way.root, 0, _last_row(times, way.root, 0))}
    drawn = list(bars.values())
    for number, row in enumerate(rows):
        if not row.runs:
            continue
        bar = _Bar(row.runs[0], number, max(_last_row(times, run, number) for run in row.runs))
        drawn.append(bar)
        bars |= {id(run): bar for run in row.runs}
    for bar in drawn:
        source = bars.get(id(bar.run.source))
        if source is not None:
            source.until = max(source.until, bar.first)
    names = [*way.lanes, *([home] if home and home not in way.lanes else [])]
    lanes = {service: _Lane(service) for service in names}
    for bar in drawn:
        _place(lanes[bar.run.service], bar)
    for lane in lanes.values():
        lane.width = max(
            _NARROWEST, 2 * _LANE_PAD + lane.tracks * _TRACK, 7.1 * columns_of(lane.service) + 16
        )
    spare = _SHEET_WIDTH - _WHAT_X - sum(lane.width for lane in lanes.values())
    x = _WHAT_X + min(max(_WHAT_WIDTH, spare), _WIDEST_WHAT)
    for lane in lanes.values():
        lane.width += max(0, spare - _WIDEST_WHAT) / len(lanes)
        lane.x = x
        x += lane.width
    return list(lanes.values()), {run: (lanes[bar.run.service], bar) for run, bar in bars.items()}


def _last_row(times: Sequence[int], run: Run, first: int) -> int:
    return max(first, bisect_right(times, run.bottom.end_ns) - 1)


def _place(lane: _Lane, bar: _Bar) -> None:
    taken = {other.track for other in lane.bars if other.until >= bar.first and bar.until >= other.first}
    bar.track = next((track for track in range(MOST_TRACKS) if track not in taken), MOST_TRACKS - 1)
    lane.tracks = max(lane.tracks, bar.track + 1)
    lane.bars.append(bar)


def _centre(lane: _Lane, track: int) -> float:
    return lane.x + (lane.width - (lane.tracks - 1) * _TRACK) / 2 + track * _TRACK


def lane_style(service: str) -> str:
    """The CSS class that gives a service its colour."""
    return f"lane{SERVICES.index(service)}" if service in SERVICES else "lane-other"


def _head(lanes: Sequence[_Lane], width: float) -> str:
    sheet = Sheet(width, _HEAD)
    for x, title in ((_NUMBER_X, "no."), (_KIND_X, "by"), (_WHAT_X, "what travels")):
        sheet.text(x, 20, 60, title, "title")
    sheet.text(_TIME_END - 60, 20, 60, "ms", "title", align="right")
    for lane in lanes:
        sheet.box(lane.x + 3, 8, lane.width - 6, 30, f"lane-head {lane_style(lane.service)}")
        sheet.text(lane.x, 15, lane.width, visible_line(lane.service), "lane-name", align="centre")
    return sheet.svg("The lanes: one for each service")


def _body(
    rows: Sequence[_Row],
    lanes: Sequence[_Lane],
    bars: _Bars,
    width: float,
    home: str,
) -> str:
    sheet = Sheet(width, (len(rows) + 1) * ROW)
    columns = int((lanes[0].x - _WHAT_X - 6) / _CHAR)
    for number, row in enumerate(rows):
        href = f"#span-{row.runs[0].bottom.id}" if row.runs else ""
        sheet.box(
            0, _top(number), width, ROW, f"row {'odd' if number % 2 else 'even'}", href=href, tip=_tip(row)
        )
    for lane in lanes:
        sheet.box(lane.x, 0, 0.5, (len(rows) + 1) * ROW, "lane-edge")
        for bar in lane.bars:
            _draw_bar(sheet, lane, bar)
    for number, row in enumerate(rows):
        if row.fold is not None:
            _draw_fold(sheet, number, columns, row.fold, bars)
        elif row.orphan is not None:
            _texts(sheet, number, columns, "", row.time_ns, "orphan", row.orphan.bottom.thread, "")
        elif row.event is not None:
            lane = next(lane for lane in lanes if lane.service == home)
            _draw_event(sheet, number, columns, row.event, row.time_ns, lane)
    return sheet.svg("The request's way through the lanes, from top to bottom in order of time")


def _draw_bar(sheet: Sheet, lane: _Lane, bar: _Bar) -> None:
    centre, top = _centre(lane, bar.track), _top(bar.first) + ROW / 2
    bottom = _top(bar.last) + ROW - 3
    if bar.until > bar.last:
        sheet.box(centre - 0.5, bottom, 1, _top(bar.until) + ROW / 2 - bottom, "waiting")
    span = bar.run.bottom
    tip = f"{span.service}, process {span.pid}, thread {span.thread}: {span.duration_ns / 1e6:,.1f} ms"
    sheet.box(
        centre - 4,
        top,
        8,
        bottom - top,
        f"bar quiet {lane_style(lane.service)}",
        href=f"#span-{span.id}",
        tip=tip,
    )


def _draw_fold(sheet: Sheet, number: int, columns: int, fold: Fold, bars: _Bars) -> None:
    hop, y = fold.first, _top(number) + ROW / 2
    link = hop.link
    times = f" ×{len(fold.hops)}" if len(fold.hops) > 1 else ""
    _texts(sheet, number, columns, fold.numbers, hop.span.start_ns, str(link), hop.what, times)
    if id(hop.source) not in bars:
        return  # it begins beyond the last row drawn
    source_lane, source = bars[id(hop.source)]
    target_lane, target = bars[id(hop.run)]
    from_x, to_x = _centre(source_lane, source.track), _centre(target_lane, target.track)
    toward = 4 if to_x > from_x else -4
    sheet.box(from_x - 3, y - 3, 6, 6, f"origin {lane_style(source_lane.service)}", shape="circle")
    sheet.arrow(
        from_x + toward,
        y,
        to_x - toward,
        f"link quiet {link}",
        LOOKS[link],
        href=f"#span-{hop.span.id}",
        tip=f"{hop.source.service} → {hop.run.service}: {link} {hop.what}",
    )


def _draw_event(
    sheet: Sheet, number: int, columns: int, event: HypervisorEvent, time_ns: int, lane: _Lane
) -> None:
    _texts(sheet, number, columns, "", time_ns, "guest", f"{event.event} {event.detail}".strip(), "")
    sheet.box(
        lane.x + lane.width / 2 - 6,
        _top(number) + ROW / 2 - 6,
        12,
        12,
        "event",
        shape="diamond",
        tip=f"{event.event} {event.detail}",
    )


def _texts(
    sheet: Sheet, number: int, columns: int, numbers: str, time_ns: int, kind: str, what: str, times: str
) -> None:
    y = _top(number) + 3
    sheet.text(_NUMBER_X, y, 48, numbers, "number")
    sheet.text(_TIME_END - 60, y, 60, milliseconds(time_ns), "time", align="right")
    sheet.text(_KIND_X, y, 60, kind, "by")
    short = what.replace(".<locals>", "")
    sheet.text(_WHAT_X, y, 240, fitted(short, columns - len(times)) + times, "what")


def _tip(row: _Row) -> str:
    if row.orphan is not None:
        return f"{row.orphan.service}: its caller is not known"
    if row.fold is None:
        return ""
    hop = row.fold.first
    many = f", {len(row.fold.hops)} times in a row" if len(row.fold.hops) > 1 else ""
    return f"{hop.source.service} → {hop.run.service}: {hop.link} {hop.what}{many}"


def _top(row: int) -> float:
    return row * ROW
