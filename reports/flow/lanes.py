"""Where lanes, threads and bars stand from left to right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reports.canvas.metrics import text_width, wrapped
from reports.flow.model import Flow, Kind, Step

BAR = 8.0
NESTING = 5.0
LOOP = 12.0
"""How far the arrow of a call within a lane swings out."""
DEEPEST = 24
"""Bars nested deeper than this stand where the deepest one stands."""
HEADER_SIZE, DETAIL_SIZE = 12.0, 10.0
HEADER_WIDTH = 128.0
_TRACK_GAP = 22.0
START_LENGTH = 18.0
"""Length of an arrow that comes from nowhere, or from work in its own lane that has ended."""
_START_ROOM = START_LENGTH + 6
_NARROWEST_GAP = 18.0
_BETWEEN_HEADERS = 8.0


@dataclass
class LanePlace:
    """Where a lane stands: ``left`` and ``right`` bound its bars, ``tracks`` are left edges of bars."""

    name: list[str]
    details: list[str]
    left: float = 0
    right: float = 0
    tracks: list[float] = field(default_factory=list)

    @property
    def centre(self) -> float:
        """Where the lifeline is."""
        return self.tracks[0] + BAR / 2

    @property
    def header_width(self) -> float:
        """Width of the box with the lane's name."""
        widths = [text_width(line, HEADER_SIZE, bold=True) for line in self.name]
        widths += [text_width(line, DETAIL_SIZE) for line in self.details]
        return max(40.0, *widths) + 16


class Placement:
    """Places lanes and bars.

    Args:
        flow: the diagram.
        gaps: width that the labels in each gap need; gap n is left of lane n, the last is right of all.
        left: where the first gap begins.
    """

    def __init__(self, flow: Flow, gaps: Mapping[int, float], left: float) -> None:
        self._track = _tracks(flow)
        deepest: dict[tuple[int, int], int] = {}
        starts: set[int] = set()
        loops: set[tuple[int, int]] = set()
        for step in flow.steps:
            key = (step.lane, self._track[id(step)])
            deepest[key] = max(deepest.get(key, 0), min(step.depth, DEEPEST))
            if step.depth:
                loops.add(key)
            if step.kind in (Kind.START, Kind.SPAWN):
                starts.add(step.lane)
        self.lanes = [
            LanePlace(
                wrapped(lane.name, HEADER_WIDTH - 16, HEADER_SIZE, bold=True),
                list(lane.details),
            )
            for lane in flow.lanes
        ]
        x = left
        for number, place in enumerate(self.lanes):
            place.left = x + max(gaps.get(number, 0.0), _NARROWEST_GAP if number else 0.0)
            room = _START_ROOM if number in starts else 3.0
            place.left = max(place.left, self._after_header(number, left) - room - BAR / 2)
            x = place.left + room
            for track in range(1 + max((t for lane, t in deepest if lane == number), default=0)):
                place.tracks.append(x)
                x += BAR + NESTING * deepest.get((number, track), 0) + _TRACK_GAP
            looping = LOOP if (number, len(place.tracks) - 1) in loops else 0.0
            place.right = x - _TRACK_GAP + 3 + looping
            x = place.right
        last = self.lanes[-1] if self.lanes else None
        self.right = x + gaps.get(len(self.lanes), 0.0)
        if last:
            self.right = max(self.right, last.centre + last.header_width / 2)

    def _after_header(self, number: int, left: float) -> float:
        """The leftmost place of a lifeline at which its header does not touch the one before."""
        half = self.lanes[number].header_width / 2
        if number == 0:
            return left + half
        before = self.lanes[number - 1]
        return before.centre + before.header_width / 2 + _BETWEEN_HEADERS + half

    def bar(self, step: Step) -> tuple[float, float]:
        """Left and right edge of the bar of ``step``."""
        x = self.lanes[step.lane].tracks[self._track[id(step)]] + NESTING * min(step.depth, DEEPEST)
        return x, x + BAR


def _tracks(flow: Flow) -> dict[int, int]:
    """The track of each step: threads that work at the same time in one lane stand beside each other."""
    result: dict[int, int] = {}
    busy: dict[int, list[int]] = {}
    for mark in flow.marks:
        step = mark.step
        tracks = busy.setdefault(step.lane, [])
        if mark.is_answer:
            continue
        if mark.is_end:
            if step.depth == 0:
                tracks[result[id(step)]] = 0
        elif step.depth:
            assert step.source is not None
            result[id(step)] = result[id(step.source)]
        elif step.kind is Kind.EVENT:
            result[id(step)] = 0
        else:
            free = next((number for number, taken in enumerate(tracks) if not taken), len(tracks))
            tracks[free : free + 1] = [1]
            result[id(step)] = free
    return result


def gap_widths(labels: Sequence[tuple[int, float]]) -> dict[int, float]:
    """The width of each gap, from (gap, width of a label in it)."""
    widths: dict[int, float] = {}
    for gap, width in labels:
        widths[gap] = max(widths.get(gap, 0.0), width)
    return widths
