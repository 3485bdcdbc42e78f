"""Which calls become steps: by rule, from service crossings, notes and depth, never from a list of names."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log2

from reports.walkthrough.call_index import CallIndex
from reports.walkthrough.identity import without_identifiers
from reports.way import Hop, Run
from tracer.model.kinds import Link
from tracer.model.notes import Note, Notes

LEAST, MOST = 60, 94
"""Steps that a walkthrough has; fewer where a request has fewer calls, more where its crossings are more."""
_SAFE_METHODS = ("GET ", "HEAD ", "OPTIONS ", "TRACE ")
"""HTTP methods that only read (RFC 9110, section 9.2.1)."""


@dataclass(eq=False)
class Stop:
    """A call chosen to be a step.

    ``crossing`` is the link by which the request came there from another service, with ``repeats``, the
    links like it later on. ``aside`` are calls beneath it that have notes and are no steps of their own.
    """

    index: int
    run: Run
    crossing: Hop | None = None
    repeats: list[Hop] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    aside: list[Stop] = field(default_factory=list)
    above: Stop | None = None


def backbone(index: CallIndex, notes: Notes, *, most: int = MOST) -> list[Stop]:
    """Choose the steps, in depth-first order of their calls.

    1. The request's root, and every *backbone crossing*: the first message on each way from one service to
       another, the first of each remote procedure, and the first of each HTTP request that changes
       something. Messages like an earlier one are its repeats.
    2. The first call of every function (or edge) that a note is about. Where that gives more than ``most``,
       those go first that stand nearest beneath another step and hold least of their own (calls and time
       not beneath a further step).
    3. Where all that gives less than `LEAST`, the calls with most beneath them.
    """
    stops = _Stops(index)
    for hop in _crossings(index):
        stops.cross(hop)
    for note in notes.notes:
        if note.applies(index.tree.header.versions):
            span = _first(index, note)
            if span >= 0:
                stops.note(span, note)
    stops.thin_out(most)
    if len(stops.by_index) < LEAST:
        stops.fill(LEAST)
    return stops.ordered()


def way_of(hop: Hop) -> tuple[str, str, Link]:
    """The two services of a crossing and how it was made."""
    return hop.source.service, hop.run.service, hop.link


def _crossings(index: CallIndex) -> Sequence[Hop]:
    return [
        hop
        for hop in index.way.crossings
        if hop.source.service != hop.run.service or hop.link is not Link.NATIVE
    ]


def _first(index: CallIndex, note: Note) -> int:
    """The first span that ``note`` is about, -1 when there is none."""
    number = index.function_numbers.get(note.anchor.function)
    if number is None:
        return -1
    if not note.anchor.caller:
        return index.first_of.get(number, -1)
    caller = index.function_numbers.get(note.anchor.caller)
    if caller is None:
        return -1
    spans = index.tree.spans
    for at in range(index.first_of.get(number, len(spans)), len(spans)):
        if spans[at].function == number and any(spans[up].function == caller for up in index.ancestors(at)):
            return at
    return -1


class _Stops:
    def __init__(self, index: CallIndex) -> None:
        self._index = index
        self._runs = {run.bottom.id - 1: run for run in index.way.runs}
        self.by_index: dict[int, Stop] = {0: Stop(0, index.way.root)}
        self._ways: dict[tuple[str, str, Link], Stop] = {}
        self._messages: dict[tuple[str, str, Link, str], Stop] = {}

    def cross(self, hop: Hop) -> None:
        """Make ``hop`` a step, or a repeat of an earlier one."""
        way, what = way_of(hop), without_identifiers(hop.what)
        message = (*way, what)
        known = self._messages.get(message)
        if known is None and (hop.link is Link.NATIVE or what.startswith(_SAFE_METHODS)):
            known = self._ways.get(way)
        if known is not None:
            known.repeats.append(hop)
            return
        at = hop.span.id - 1
        stop = self.by_index.setdefault(at, Stop(at, hop.run))
        stop.crossing = hop
        self._messages[message] = stop
        self._ways.setdefault(way, stop)

    def note(self, span: int, note: Note) -> None:
        """Make ``span`` a step, which ``note`` is about; a note on a crossing joins that step."""
        if note.anchor.caller:
            run = self._run(span)
            crossing = self.by_index.get(run.bottom.id - 1)
            if crossing is not None and crossing.crossing is not None:
                crossing.notes.append(note)
                return
        stop = self.by_index.get(span)
        if stop is None:
            stop = self.by_index[span] = Stop(span, self._run(span))
        stop.notes.append(note)

    def thin_out(self, most: int) -> None:
        """Let steps go that are there for their notes alone, the least of a detour first."""
        while len(self.by_index) > most:
            loose = [stop for stop in self.by_index.values() if stop.crossing is None and stop.index]
            if not loose:
                return
            own = self._own()
            least = min(loose, key=lambda stop: (own[stop.index] + self._distance(stop), -stop.index))
            del self.by_index[least.index]
            above = self._above(least.index)
            above.aside += [least, *least.aside]
            least.aside = []

    def fill(self, least: int) -> None:
        """Add the calls with most beneath them, going down from what is chosen, each function once."""
        index = self._index
        spans = index.tree.spans
        known = {spans[at].function for at in self.by_index}
        heap = [(-index.size[at], at) for at in self.by_index]
        heapq.heapify(heap)
        looked_at = 0
        while heap and len(self.by_index) < least and looked_at < 50 * least:
            _, at = heapq.heappop(heap)
            looked_at += 1
            if at not in self.by_index and spans[at].function not in known:
                self.by_index[at] = Stop(at, self._run(at))
                known.add(spans[at].function)
            for child in index.children(at):
                if child not in self.by_index and index.size[child] > 1:
                    heapq.heappush(heap, (-index.size[child], child))

    def ordered(self) -> list[Stop]:
        """All steps in depth-first order, each with the one above it."""
        stops = [self.by_index[at] for at in sorted(self.by_index)]
        for stop in stops:
            if stop.index:
                stop.above = self._above(stop.index)
            stop.aside.sort(key=lambda other: other.index)
        return stops

    def _own(self) -> dict[int, float]:
        """For each step the magnitude of what it holds that is not beneath a further one."""
        index = self._index
        calls: dict[int, int] = {}
        time: dict[int, int] = {}
        for at in sorted(self.by_index):
            span = index.tree.spans[at]
            calls[at], time[at] = index.size[at], span.duration_ns
            above = next((up for up in index.ancestors(at) if up in calls), None)
            if above is not None:
                calls[above] -= index.size[at]
                time[above] -= span.duration_ns
        return {at: log2(calls[at]) + log2(1 + max(0, time[at]) / 1e6) for at in calls}

    def _distance(self, stop: Stop) -> int:
        for steps, above in enumerate(self._index.ancestors(stop.index), 1):
            if above in self.by_index or above in self._runs:
                return steps
        return 1 << 30

    def _above(self, span: int) -> Stop:
        return next(
            (self.by_index[up] for up in self._index.ancestors(span) if up in self.by_index), self.by_index[0]
        )

    def _run(self, span: int) -> Run:
        if span in self._runs:
            return self._runs[span]
        return next(
            (self._runs[up] for up in self._index.ancestors(span) if up in self._runs), self._index.way.root
        )
