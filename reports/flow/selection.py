"""Which calls become steps: a general rule that weighs messages, size, duration, depth and novelty."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from reports.flow.model import Kind
from reports.flow.survey import MESSAGES, Survey


class Level(StrEnum):
    """How much a diagram shows."""

    SERVICES = "services"
    """Messages between programs, on one page."""
    PHASES = "phases"
    """The request's main phases, in about forty steps."""
    FUNCTIONS = "functions"
    """Every call, as far as one picture can hold them; alike calls in a row are one."""


STEPS = {Level.SERVICES: 40, Level.PHASES: 40, Level.FUNCTIONS: 4_000}
"""Steps that a diagram of each level holds unless another number is asked for."""
_NEW_LANE = 1.0
_MESSAGE = 0.02
_PINNED = 10.0


_NEW_WAY = 0.3


@dataclass(eq=False)
class Chosen:
    """A group of alike spans, next to each other, that is drawn as one step; by index, the first leads."""

    members: list[int]
    calls: int
    messages: int
    source: Chosen | None = None

    @property
    def first(self) -> int:
        """The span that stands for all."""
        return self.members[0]


@dataclass(frozen=True)
class Selection:
    """The chosen groups in depth-first order, and roots that found no place, by index.

    ``calls`` and ``messages`` of a group count what lies beneath it and is not drawn.
    """

    chosen: list[Chosen]
    left_out: list[int]


def select(survey: Survey, level: Level, steps: int, pinned: Iterable[int] = ()) -> Selection:
    """Choose what is drawn.

    From each root on, the heaviest call that is not drawn yet becomes a step and offers the calls
    beneath it, until ``steps`` are found; messages are offered as soon as the work that they belong to
    is drawn. The weight adds a call's shares of all messages, calls and time; it falls with depth and
    with every step of the same function, and rises for the first message from one lane to another.

    Args:
        survey: facts of the spans.
        level: how much is shown.
        steps: how many steps the picture may hold.
        pinned: spans that must be drawn; they come on top of ``steps``.
    """
    wanted = set(pinned)
    offers = _Offers(survey, level, wanted)
    heap = _Heap(survey, wanted)
    for root in offers.roots:
        heap.push([root], 0)
    chosen: dict[int, Chosen] = {}
    merged: set[int] = set()
    taken: set[int] = set()
    for index in sorted(wanted):
        taken.update(offers.above(index))
    while heap.entries and len(chosen) < steps + len(wanted):
        members, depth = heap.pop()
        if not merged.isdisjoint(offers.above(members[0])):
            continue
        if not taken.isdisjoint(members[1:]):
            for member in members:
                heap.push([member], depth)
            continue
        heap.count(members[0])
        merged.update(members[1:])
        taken.update(offers.above(members[0]))
        chosen[members[0]] = _chosen(survey, members)
        for below in offers.below(members[0]):
            heap.push(below, depth + 1)
    ordered = [chosen[first] for first in sorted(chosen)]
    for group in ordered:
        group.source = next((chosen[i] for i in offers.above(group.first) if i in chosen), None)
    for group in reversed(ordered):
        if group.source is not None:
            group.source.calls -= sum(survey.size[index] for index in group.members)
            group.source.messages -= sum(survey.messages[index] for index in group.members)
    left_out = [root for root in offers.roots if root not in chosen]
    return Selection(ordered, left_out)


def _chosen(survey: Survey, members: list[int]) -> Chosen:
    own = len(members) if survey.kind[members[0]] in MESSAGES else 0
    calls = sum(survey.size[index] for index in members) - len(members)
    return Chosen(members, calls, sum(survey.messages[index] for index in members) - own)


class _Offers:
    """Which spans may become steps, and what the drawing of one offers.

    Args:
        survey: facts of the spans.
        level: how much is shown.
        wanted: spans that may in any case.
    """

    def __init__(self, survey: Survey, level: Level, wanted: set[int]) -> None:
        self._survey, self._wanted = survey, wanted
        self._alike = _likeness(survey, level)
        may = _may(survey, level)
        self._near = near = [-1] * len(survey.kind)
        self._plain: dict[int, list[int]] = {}
        """Spans that may become steps, by the nearest one above that may."""
        self.roots: list[int] = []
        """Spans with nothing above them."""
        nearest = [-1] * len(survey.kind)
        with_messages: set[int] = set()
        work: dict[int, int] = {}
        for index in survey.indices:
            parent = survey.parent[index]
            above = nearest[parent] if parent >= 0 else -1
            near[index] = above
            nearest[index] = above
            if above >= 0 and not may(index) and index not in wanted:
                continue
            nearest[index] = index
            local = survey.kind[index] is Kind.LOCAL and index not in wanted
            work[index] = work[above] if local and above >= 0 else index
            if above < 0:
                self.roots.append(index)
                continue
            self._plain.setdefault(above, []).append(index)
            if not local:
                with_messages.add(above)
        self._messages: dict[int, list[list[int]]] = {}
        """Groups of messages by the step whose work they belong to."""
        for above in sorted(with_messages):
            for group in self._groups(above):
                if not self._is_local(group[0]):
                    self._messages.setdefault(work[above], []).append(group)

    def below(self, index: int) -> list[list[int]]:
        """The groups that are offered once the span at ``index`` is drawn."""
        return [g for g in self._groups(index) if self._is_local(g[0])] + self._messages.get(index, [])

    def above(self, index: int) -> Iterator[int]:
        """The spans above ``index`` that may become steps, nearest first."""
        near = self._near[index]
        while near >= 0:
            yield near
            near = self._near[near]

    def _is_local(self, index: int) -> bool:
        return self._survey.kind[index] is Kind.LOCAL and index not in self._wanted

    def _groups(self, above: int) -> list[list[int]]:
        """What may be drawn under ``above``, cut into runs of neighbours that are alike."""
        groups: list[list[int]] = []
        last: object = None
        for index in self._plain.get(above, ()):
            key = self._alike(index)
            if groups and key == last and index not in self._wanted and groups[-1][0] not in self._wanted:
                groups[-1].append(index)
            else:
                groups.append([index])
            last = key
        return groups


class _Heap:
    """What may be drawn next, heaviest first."""

    def __init__(self, survey: Survey, wanted: set[int]) -> None:
        self._survey = survey
        self._wanted = wanted
        roots = [index for index in survey.indices if survey.parent[index] < 0]
        spans = survey.tree.spans
        self._all_messages = max(1, sum(survey.messages[index] for index in roots))
        self._all_calls = max(1, sum(survey.size[index] for index in roots))
        first = min((spans[index].start_ns for index in roots), default=0)
        self._all_time = max(1, max((spans[i].end_ns for i in survey.indices), default=0) - first)
        self._functions: Counter[tuple[Kind, int, str]] = Counter()
        self._lanes: set[str] = set()
        self._ways: set[tuple[str, str]] = set()
        self.entries: list[tuple[float, int, list[int], int, float]] = []

    def push(self, members: list[int], depth: int) -> None:
        """Offer a group."""
        survey, spans = self._survey, self._survey.tree.spans
        messages = sum(survey.messages[index] for index in members) / self._all_messages
        calls = sum(survey.size[index] for index in members) / self._all_calls
        time = sum(spans[index].duration_ns for index in members) / self._all_time
        message = _MESSAGE * (survey.kind[members[0]] in MESSAGES)
        weight = (messages + calls / 2 + min(time, 1) / 2 + message) / (1 + depth / 16)
        if not self._wanted.isdisjoint(members):
            weight += _PINNED
        heapq.heappush(self.entries, (-self._now(members[0], weight), members[0], members, depth, weight))

    def pop(self) -> tuple[list[int], int]:
        """Take the heaviest group, as weights are now."""
        while True:
            stated, first, members, depth, weight = heapq.heappop(self.entries)
            now = -self._now(first, weight)
            if now > stated and self.entries and (now, first) > self.entries[0][:2]:
                heapq.heappush(self.entries, (now, first, members, depth, weight))
                continue
            return members, depth

    def count(self, index: int) -> None:
        """Let what is like the span at ``index`` weigh less from now on."""
        self._functions[self._name(index)] += 1
        self._lanes.add(self._survey.lane[index])
        self._ways.add(self._way(index))

    def _now(self, index: int, weight: float) -> float:
        weight /= 1 + self._functions[self._name(index)]
        if self._survey.lane[index] not in self._lanes:
            weight += _NEW_LANE
        if self._survey.kind[index] in MESSAGES and self._way(index) not in self._ways:
            weight += _NEW_WAY
        return weight

    def _way(self, index: int) -> tuple[str, str]:
        above = self._survey.parent[index]
        return self._survey.lane[above] if above >= 0 else "", self._survey.lane[index]

    def _name(self, index: int) -> tuple[Kind, int, str]:
        span = self._survey.tree.spans[index]
        return self._survey.kind[index], span.function, span.link_detail


def _may(survey: Survey, level: Level) -> Callable[[int], bool]:
    kind, messages = survey.kind, survey.messages
    if level is Level.FUNCTIONS:
        return lambda index: True
    if level is Level.SERVICES:
        return lambda index: kind[index] in MESSAGES or (kind[index] is Kind.SPAWN and messages[index] > 0)
    size = survey.size
    told = {survey.carried(i)[-1] for i in survey.indices if kind[i] is not Kind.LOCAL}
    return lambda index: (
        kind[index] is not Kind.LOCAL
        or (
            size[index] > 2
            and index not in told
            and not survey.passes_on(index)
            and len(survey.carried(index)) == 1
        )
    )


def _likeness(survey: Survey, level: Level) -> Callable[[int], object]:
    """What two neighbours have in common when they are drawn as one."""
    spans, kind, lane, beneath = survey.tree.spans, survey.kind, survey.lane, survey.lanes_beneath

    def by_message(index: int) -> object:
        span = spans[index]
        what = span.link_detail or span.function
        return kind[index], beneath[index], None if kind[index] is Kind.DATABASE else what

    def by_function(index: int) -> object:
        return kind[index], beneath[index], spans[index].link_detail, spans[index].function

    def by_shape(index: int) -> object:
        return kind[index], lane[index], spans[index].link_detail, shape[index]

    if level is Level.SERVICES:
        return by_message
    if level is Level.PHASES:
        return by_function
    shape = survey.shape
    return by_shape
