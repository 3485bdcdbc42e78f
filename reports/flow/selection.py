"""Which calls become steps: a general rule that weighs messages, size, duration, depth and novelty."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from reports.flow.model import DATABASE, Kind
from reports.flow.survey import MESSAGES, Survey


class Level(StrEnum):
    """How much a diagram shows."""

    SERVICES = "services"
    """Messages between programs, on one page."""
    PHASES = "phases"
    """The request's main phases, in about forty steps."""
    FUNCTIONS = "functions"
    """Every call, as far as one picture can hold them; alike calls in a row are one."""


STEPS = {Level.SERVICES: 32, Level.PHASES: 40, Level.FUNCTIONS: 1_500}
"""Steps that a diagram of each level holds unless another number is asked for."""
_NEW_LANE = 1.0
_MESSAGE = 0.02
_PINNED = 10.0


@dataclass
class Chosen:
    """A group of alike spans, next to each other, that is drawn as one step; by index, the first leads."""

    members: list[int]
    source: Chosen | None
    calls: int
    messages: int
    drawn_calls: int = 0
    drawn_messages: int = 0
    below: list[Chosen] = field(default_factory=list)

    @property
    def first(self) -> int:
        """The span that stands for all."""
        return self.members[0]

    @property
    def folded_calls(self) -> int:
        """Calls beneath it that are not drawn."""
        return self.calls - len(self.members) - self.drawn_calls

    @property
    def folded_messages(self) -> int:
        """Messages beneath it that are not drawn; alike ones that are part of a drawn step are."""
        return self.messages - self.drawn_messages


@dataclass(frozen=True)
class Selection:
    """The chosen groups in depth-first order, and roots that found no place, by index."""

    chosen: list[Chosen]
    left_out: list[int]


def select(survey: Survey, level: Level, steps: int, pinned: Iterable[int] = ()) -> Selection:
    """Choose what is drawn.

    From each root on, the heaviest call that is not drawn yet becomes a step and offers the calls
    beneath it, until ``steps`` are found. The weight adds a call's shares of all messages, calls and
    time; it falls with depth and with every step of the same function, and rises for a lane's first step.

    Args:
        survey: facts of the spans.
        level: how much is shown.
        steps: how many steps the picture may hold.
        pinned: spans that must be drawn; they come on top of ``steps``.
    """
    wanted = set(pinned)
    offered = _offered(survey, level, wanted)
    heap = _Heap(survey, wanted)
    for group in _grouped(offered.get(-1, []), lambda index: index):
        heap.push(group, None, 0)
    chosen: list[Chosen] = []
    budget = steps + len(wanted)
    alike = _likeness(survey, level)
    while heap.entries and len(chosen) < budget:
        members, source, depth = heap.pop()
        calls = sum(survey.size[index] for index in members)
        messages = sum(survey.messages[index] for index in members)
        own = len(members) if survey.kind[members[0]] in MESSAGES else 0
        group = Chosen(members, source, calls, messages - own)
        chosen.append(group)
        if source is not None:
            source.drawn_calls += calls
            source.drawn_messages += messages
        for below in _grouped(offered.get(members[0], []), alike, wanted):
            heap.push(below, group, depth + 1)
    left_out = [entry[2][0] for entry in heap.entries if entry[3] is None]
    return Selection(sorted(chosen, key=lambda group: group.first), sorted(left_out))


class _Heap:
    """What may be drawn next, heaviest first."""

    def __init__(self, survey: Survey, wanted: set[int]) -> None:
        self._survey = survey
        self._wanted = wanted
        roots = [index for index in survey.indices if survey.parent[index] < 0]
        spans = survey.tree.spans
        self._all_messages = max(1, sum(survey.messages[index] for index in roots))
        self._all_calls = max(1, sum(survey.size[index] for index in roots))
        self._all_time = max(1, max((spans[i].end_ns for i in roots), default=0) - spans[0].start_ns)
        self._functions: Counter[tuple[Kind, int, str]] = Counter()
        self._lanes: set[str] = set()
        self.entries: list[tuple[float, int, list[int], Chosen | None, int, float]] = []

    def push(self, members: list[int], source: Chosen | None, depth: int) -> None:
        """Offer a group."""
        survey, spans = self._survey, self._survey.tree.spans
        messages = sum(survey.messages[index] for index in members) / self._all_messages
        calls = sum(survey.size[index] for index in members) / self._all_calls
        time = sum(spans[index].duration_ns for index in members) / self._all_time
        weight = (
            messages + calls / 2 + min(time, 1) / 2 + _MESSAGE * (survey.kind[members[0]] in MESSAGES)
        ) / (1 + depth / 16)
        if any(index in self._wanted for index in members):
            weight += _PINNED
        heapq.heappush(
            self.entries, (-self._now(members[0], weight), members[0], members, source, depth, weight)
        )

    def pop(self) -> tuple[list[int], Chosen | None, int]:
        """Take the heaviest group, as weights are now."""
        while True:
            stated, first, members, source, depth, weight = heapq.heappop(self.entries)
            now = -self._now(first, weight)
            if now > stated and self.entries and (now, first) > self.entries[0][:2]:
                heapq.heappush(self.entries, (now, first, members, source, depth, weight))
                continue
            self._functions[self._name(first)] += 1
            self._lanes.add(self._survey.lane[first])
            return members, source, depth

    def _now(self, index: int, weight: float) -> float:
        new_lane = _NEW_LANE if self._survey.lane[index] not in self._lanes else 0.0
        return weight / (1 + self._functions[self._name(index)]) + new_lane

    def _name(self, index: int) -> tuple[Kind, int, str]:
        span = self._survey.tree.spans[index]
        return self._survey.kind[index], span.function, span.link_detail


def _offered(survey: Survey, level: Level, wanted: set[int]) -> dict[int, list[int]]:
    """The spans that may become steps, by the nearest one above that may; -1 for none above."""
    above = [-1] * len(survey.kind)
    may = _may(survey, level)
    offered: dict[int, list[int]] = {}
    for index in survey.indices:
        parent = survey.parent[index]
        near = -1 if parent < 0 else above[parent]
        if near < 0 or may(index) or index in wanted:
            offered.setdefault(near, []).append(index)
            above[index] = index
        else:
            above[index] = near
    return offered


def _may(survey: Survey, level: Level) -> Callable[[int], bool]:
    kind, messages = survey.kind, survey.messages
    if level is Level.FUNCTIONS:
        return lambda index: True
    if level is Level.SERVICES:
        return lambda index: kind[index] in MESSAGES or (kind[index] is Kind.SPAWN and messages[index] > 0)
    wrapper, size = survey.wrapper, survey.size
    return lambda index: kind[index] is not Kind.LOCAL or (size[index] > 2 and not wrapper[index])


def _likeness(survey: Survey, level: Level) -> Callable[[int], object]:
    """What two neighbours have in common when they are drawn as one."""
    spans, kind, lane = survey.tree.spans, survey.kind, survey.lane

    def by_message(index: int) -> object:
        span = spans[index]
        if lane[index] == DATABASE:
            return DATABASE
        return kind[index], lane[index], span.link_detail or span.function

    def by_function(index: int) -> object:
        return kind[index], lane[index], spans[index].link_detail, spans[index].function

    def by_shape(index: int) -> object:
        return kind[index], lane[index], spans[index].link_detail, shape[index]

    if level is Level.SERVICES:
        return by_message
    if level is Level.PHASES:
        return by_function
    shape = survey.shape
    return by_shape


def _grouped(
    indices: Sequence[int], alike: Callable[[int], object], alone: set[int] | frozenset[int] = frozenset()
) -> list[list[int]]:
    """``indices`` cut into runs of neighbours that are alike; those in ``alone`` stay alone."""
    groups: list[list[int]] = []
    last: object = None
    for index in indices:
        key = alike(index)
        if groups and key == last and index not in alone and groups[-1][0] not in alone:
            groups[-1].append(index)
        else:
            groups.append([index])
        last = key
    return groups
